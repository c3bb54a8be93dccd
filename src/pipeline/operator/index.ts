export type { ActionBy, ActionResult, Refusal } from './actions.js';
export type { NextStep, OperatorAction } from './next-step.js';
export { type BulkResult, createOperator, type EventDetail, type Operator } from './operator.js';
