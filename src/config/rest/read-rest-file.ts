import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import type { Problem } from '../problems.js';
import { type RestSettings, restFile, type SecretReader } from './rest-file.js';

const SETTING = 'REST_CONFIG_FILE';

/** `operations.issue.answers[0].identity`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    return text === '' ? String(segment) : `${text}.${String(segment)}`;
  }, '');
}

function toProblem({ path, message }: z.core.$ZodIssue): Problem {
  return { setting: path.length === 0 ? SETTING : `${SETTING}: ${pathText(path)}`, expected: message };
}

/** The message of the parser quotes the file: only its code and place are kept. */
function syntaxProblem(thrown: unknown): Problem {
  const { code, linePos } = thrown instanceof YAMLParseError ? thrown : {};
  const place = linePos === undefined ? '' : ` at line ${linePos[0].line}`;
  return { setting: SETTING, expected: `a file holding valid YAML or JSON (${code ?? 'unreadable'}${place})` };
}

/**
 * Reads the text of a file that describes a national ID system, in YAML or JSON. Undefined where something in it is at
 * fault; everything that is goes to `problems` at once, each with its path in the file.
 */
export function readRestFile(text: string, readSecret: SecretReader, problems: Problem[]): RestSettings | undefined {
  let content: unknown;
  try {
    content = parse(text);
  } catch (thrown) {
    problems.push(syntaxProblem(thrown));
    return undefined;
  }
  const parsed = restFile(readSecret).safeParse(content);
  if (parsed.success) return parsed.data;
  problems.push(...parsed.error.issues.map(toProblem));
  return undefined;
}
