export type { Once, Operations, RequestTemplate } from './operations.js';
export { readRestFile } from './read-rest-file.js';
export type { RestSettings, SecretReader } from './rest-file.js';
export type {
  AgeRule,
  AnswerRule,
  FaultRule,
  LookupRule,
  RefusedRule,
  Rule,
  SubmissionRule,
  VerifyRule,
} from './rules.js';
