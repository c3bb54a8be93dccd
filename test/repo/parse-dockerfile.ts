/** The instructions our Dockerfile uses; another one is a fault until the replay knows how to follow it. */
const KEYWORDS = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'LABEL', 'USER', 'VOLUME', 'EXPOSE', 'HEALTHCHECK', 'CMD'];

export interface Instruction {
  readonly keyword: string;
  /** The rest of the line, its continuations joined. */
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** An image, or the name of an earlier stage. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** @throws Error at an instruction it does not know */
export function parseDockerfile(content: string): [Stage, ...Stage[]] {
  const lines = content
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, keyword = '', text = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (!KEYWORDS.includes(keyword)) throw new Error(`an instruction the replay does not know: ${line}`);
    if (keyword === 'FROM') {
      const [base = '', , name = `stage-${stages.length}`] = text.split(/\s+/);
      stages.push({ name, base, instructions: [] });
    } else stages.at(-1)?.instructions.push({ keyword, text });
  }
  const [first, ...rest] = stages;
  if (first === undefined) throw new Error('no FROM');
  return [first, ...rest];
}

/** The words of an instruction in its exec form. */
export function execForm(text: string): readonly string[] {
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string'))
    throw new Error(`not exec form: ${text}`);
  return words;
}

/** `NAME=value` of an ENV or LABEL, in the order of the file. */
export function assignments(text: string): [string, string][] {
  return [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)].map(([, name = '', quoted, bare]) => [
    name,
    quoted ?? bare ?? '',
  ]);
}

/** The flags (`--from=x`) and the words of a COPY. */
export function copyWords(text: string): { from: string | undefined; sources: readonly string[]; target: string } {
  const words = text.split(/\s+/);
  const flags = words.filter((word) => word.startsWith('--'));
  const unknown = flags.find((flag) => !flag.startsWith('--from='));
  if (unknown !== undefined) throw new Error(`a flag the replay does not know: ${unknown}`);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from: flags[0]?.slice('--from='.length), sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/** What `.dockerignore` lets into the build: names at the top of the repository. It must forbid all the rest. */
export function allowedInContext(dockerignore: string): ReadonlySet<string> {
  const [first, ...rest] = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (first !== '*' || rest.some((line) => !/^![\w.-]+$/.test(line))) {
    throw new Error('.dockerignore must forbid everything and then allow names');
  }
  return new Set(rest.map((line) => line.slice(1)));
}
