import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { allowedInContext, assignments, copyWords, execForm, parseDockerfile, type Stage } from './parse-dockerfile.js';

/** A stage as it stands after its last step: a folder in place of the image's root. */
interface Replayed {
  readonly root: string;
  /** As the Dockerfile names it. */
  workdir: string;
  env: Record<string, string>;
  command: readonly string[];
  healthcheck: readonly string[];
}

/** What is left of an image: a folder, and how to start what it holds. */
export interface ReplayedImage {
  /** Stands for the image's `/`. */
  readonly root: string;
  /** Folder in which the command starts. */
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

export interface ReplayOptions {
  /** The repository: build context, and the place of the installed modules. */
  readonly context: string;
  /** An empty folder. */
  readonly into: string;
  /** Who stands for the image's user `node`. */
  readonly user: { readonly uid: number; readonly gid: number };
}

const Lock = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().default(false) })) });

/**
 * Stands for `npm ci`: takes from the repository's own `node_modules` what the lock file would bring, so that the test
 * needs neither the registry nor half a minute. `.ci/run` has run the real `npm ci` on the same lock file just before.
 */
function installModules(context: string, folder: string, isProduction: boolean): void {
  const modules = join(context, 'node_modules');
  if (!isProduction) {
    symlinkSync(modules, join(folder, 'node_modules'));
    return;
  }
  const lock = Lock.parse(JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')));
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    // Modules for other platforms are in the lock file, but not on the disk.
    if (path === '' || dev || !existsSync(join(context, path))) continue;
    // Nested modules have entries of their own.
    const isOwn = (source: string) => basename(source) !== 'node_modules';
    cpSync(join(context, path), join(folder, path), { recursive: true, filter: isOwn });
  }
}

/**
 * Follows the steps of a Dockerfile in a folder instead of an image: COPY with `.dockerignore`, RUN by a shell, all
 * absolute paths below the folder.
 */
export function replayDockerfile(options: ReplayOptions): ReplayedImage {
  const { context, into, user } = options;
  const allowed = allowedInContext(readFileSync(join(context, '.dockerignore'), 'utf8'));
  const done = new Map<string, Replayed>();

  const inside = (stage: Replayed, path: string) =>
    path.startsWith('/') ? join(stage.root, path) : join(stage.root, stage.workdir, path);

  function copy(stage: Replayed, text: string): void {
    const { from, sources, target } = copyWords(text);
    const origin = from === undefined ? undefined : done.get(from);
    if (from !== undefined && origin === undefined) throw new Error(`COPY from an unknown stage: ${from}`);
    for (const source of sources) {
      if (origin === undefined && !allowed.has(source.split('/')[0] ?? ''))
        throw new Error(`not in context: ${source}`);
      const path = origin === undefined ? join(context, source) : inside(origin, source);
      const isFile = statSync(path).isFile();
      const into = inside(stage, isFile && target.endsWith('/') ? join(target, basename(source)) : target);
      // Of a folder the content is copied, not the folder itself.
      cpSync(path, into, { recursive: true, verbatimSymlinks: true });
    }
  }

  function run(stage: Replayed, command: string): void {
    const workdir = inside(stage, '.');
    if (command.startsWith('npm ci')) {
      installModules(context, workdir, command === 'npm ci --omit=dev');
      return;
    }
    const here = command
      .replaceAll(/(?<=^|\s)\/(?=\w)/g, `${stage.root}/`)
      .replaceAll('node:node', `${user.uid}:${user.gid}`);
    const env = { ...stage.env, PATH: `${stage.env['PATH']}:${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', here], { cwd: workdir, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`RUN ${command} ended with ${status}:\n${stdout}${stderr}`);
  }

  const steps: Record<string, (stage: Replayed, text: string) => void> = {
    WORKDIR: (stage, text) => {
      stage.workdir = text;
      mkdirSync(inside(stage, '.'), { recursive: true });
    },
    COPY: copy,
    RUN: run,
    ENV: (stage, text) => {
      for (const [name, value] of assignments(text)) {
        stage.env[name] = value.startsWith('/') ? inside(stage, value) : value;
      }
    },
    CMD: (stage, text) => {
      stage.command = execForm(text);
    },
    HEALTHCHECK: (stage, text) => {
      stage.healthcheck = execForm(text.slice(text.indexOf('CMD ') + 'CMD '.length));
    },
  };

  // Stands for the base image. A copy, because the user without rights may not reach this process's own.
  const node = join(into, 'bin/node');
  mkdirSync(dirname(node));
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);

  function begin(stage: Stage): Replayed {
    const root = join(into, stage.name);
    mkdirSync(root);
    const base = done.get(stage.base);
    if (base === undefined) {
      // Every base image has it.
      mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
      return { root, workdir: '/', env: { PATH: dirname(node) }, command: [], healthcheck: [] };
    }
    cpSync(base.root, root, { recursive: true, verbatimSymlinks: true });
    return { ...base, root, env: { ...base.env } };
  }

  let image: Replayed | undefined;
  for (const stage of parseDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'))) {
    image = begin(stage);
    for (const { keyword, text } of stage.instructions) steps[keyword]?.(image, text);
    done.set(stage.name, image);
  }
  if (image === undefined) throw new Error('no stage');
  return { ...image, workdir: inside(image, '.') };
}
