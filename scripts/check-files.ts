/**
 * Looks at every file of the repository for faults that no other tool sees. Run as a script it prints them, one a
 * line, and ends with 1.
 */
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const MAX_BYTES = 600 * 1024;
const VERSIONED = ['package.json', 'package-lock.json', 'mediator.json'];
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;

/** The plain forms of `.gitignore`, which is all we use: `name/`, `name` and `*.ending`. */
function isIgnored(entry: Dirent, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    if (pattern.startsWith('*')) return entry.name.endsWith(pattern.slice(1));
    return pattern === (pattern.endsWith('/') && entry.isDirectory() ? `${entry.name}/` : entry.name);
  });
}

function filesBelow(folder: string, ignored: readonly string[]): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !isIgnored(entry, ignored))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path, ignored);
      return entry.isFile() ? [path] : [];
    });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parses(path: string, text: string): boolean {
  if (path.endsWith('.json')) return isJson(text);
  return !/\.ya?ml$/.test(path) || parseAllDocuments(text).every((document) => document.errors.length === 0);
}

function textFaults(path: string, text: string): string[] {
  const findings: [boolean, string][] = [
    [!parses(path, text), 'does not parse'],
    [text !== '' && !text.endsWith('\n'), 'does not end with a newline'],
    [PRIVATE_KEY.test(text) && !path.startsWith('test/'), 'holds a private key'],
  ];
  return findings.filter(([found]) => found).map(([, fault]) => fault);
}

function faultsOf(path: string, content: Buffer): string[] {
  const isText = !content.includes(0);
  return [
    ...(content.length > MAX_BYTES ? [`is larger than ${MAX_BYTES} bytes`] : []),
    ...(isText ? textFaults(path, content.toString('utf8')) : []),
  ];
}

const Versioned = z.object({ version: z.string() });

/** OpenHIM core takes a changed `mediator.json` only with a newer version, so the two go together. */
function versionFaults(root: string): string[] {
  const versions = VERSIONED.map((path) => {
    try {
      return Versioned.parse(JSON.parse(readFileSync(join(root, path), 'utf8'))).version;
    } catch {
      return undefined;
    }
  });
  const [first] = versions;
  return VERSIONED.filter((_, index) => versions[index] === undefined || versions[index] !== first).map(
    (path) => `${path} does not name the version of ${VERSIONED[0]}`,
  );
}

/** Every fault found below a folder, each as `path fault`. */
export function checkFiles(root: string): string[] {
  const ignored = ['.git/', ...readFileSync(join(root, '.gitignore'), 'utf8').split('\n')].filter(
    (line) => line !== '',
  );
  const faults = filesBelow(root, ignored).flatMap((file) => {
    const path = relative(root, file).replaceAll(sep, '/');
    return faultsOf(path, readFileSync(file)).map((fault) => `${path} ${fault}`);
  });
  return [...faults, ...versionFaults(root)];
}

if (import.meta.main) {
  const faults = checkFiles('.');
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
