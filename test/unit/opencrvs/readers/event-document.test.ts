import { describe, expect, test } from '@jest/globals';
import { recordWith } from '../../../../src/opencrvs/readers/event-document/declaration.js';
import { type Action, parseEventDocument } from '../../../../src/opencrvs/readers/event-document/index.js';
import { fixture } from '../../../support/fixtures.js';

const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;

type Given = Partial<Omit<Action, 'status'>> & { readonly status?: string };

/** An event with these actions, each an accepted declaration unless told otherwise. */
function documentOf(...actions: Given[]) {
  const all = actions.map((action, index) => ({ id: `a-${index}`, type: 'DECLARE', createdAt: at(index), ...action }));
  return parseEventDocument({ id: 'e-1', type: 'birth', createdAt: at(0), trackingId: 'T1', actions: all });
}

const PENDING: Given = { id: 'pending', type: 'REGISTER', status: 'Requested' };

function fieldsOf(...actions: Given[]) {
  const document = documentOf(...actions);
  const pending = document.actions.find(({ id }) => id === 'pending');
  if (pending === undefined) throw new Error('no pending action');
  return recordWith(document, pending);
}

describe('the record as it will be', () => {
  test('later actions win, whole fields at a time, and the pending one is the last', () => {
    const fields = fieldsOf(
      { declaration: { 'child.name': { firstname: 'A', middlename: 'B' }, 'child.dob': '2025-01-01', kept: 1 } },
      { declaration: { 'child.name': { firstname: 'C' } } },
      { ...PENDING, declaration: { 'child.dob': '2025-01-02' } },
    );
    expect(fields).toEqual({ 'child.name': { firstname: 'C' }, 'child.dob': '2025-01-02', kept: 1 });
  });

  test('the order is that of time', () => {
    const fields = fieldsOf(
      { createdAt: at(8), declaration: { f: 'late' } },
      { createdAt: at(3), declaration: { f: 'early' } },
      PENDING,
    );
    expect(fields).toEqual({ f: 'late' });
  });

  test('an accepted action adds to what its requested half holds', () => {
    const fields = fieldsOf(
      { id: 'r', status: 'Requested', declaration: { f: 1, g: 1 } },
      { status: 'Accepted', originalActionId: 'r', declaration: { g: 2 } },
      PENDING,
    );
    expect(fields).toEqual({ f: 1, g: 2 });
  });

  test.each([
    {
      name: 'rejected',
      actions: [
        { status: 'Requested', id: 'r' },
        { status: 'Rejected', originalActionId: 'r' },
      ],
    },
    { name: 'waiting elsewhere', actions: [{ status: 'Requested' }] },
    { name: 'a correction that is only asked for', actions: [{ type: 'REQUEST_CORRECTION' }] },
    { name: 'a certificate that is printed', actions: [{ type: 'PRINT_CERTIFICATE' }] },
  ])('left out: $name', ({ actions }) => {
    const withFields = actions.map((action) => ({ ...action, declaration: { f: 'wrong' } }));
    expect(fieldsOf({ declaration: { f: 'right' } }, ...withFields, PENDING)).toEqual({ f: 'right' });
  });

  test('null clears a field, also one of an earlier action; another action may fill it again', () => {
    const fields = fieldsOf(
      { declaration: { f: 1, g: 1 } },
      { declaration: { f: null, g: null } },
      { ...PENDING, declaration: { g: 2 } },
    );
    expect(fields).toEqual({ g: 2 });
  });

  test.each(['Requested', 'Accepted'])(
    'a correction that is approved brings its fields, named by its %s half',
    (half) => {
      const fields = fieldsOf(
        { declaration: { f: 1, g: 1 } },
        { id: 'Requested', type: 'REQUEST_CORRECTION', status: 'Requested', declaration: { f: 2, g: null } },
        { id: 'Accepted', type: 'REQUEST_CORRECTION', originalActionId: 'Requested' },
        { ...PENDING, type: 'APPROVE_CORRECTION', requestId: half },
      );
      expect(fields).toEqual({ f: 2 });
    },
  );

  test('a correction that was approved before stays in, though only the requested half names it', () => {
    const fields = fieldsOf(
      { declaration: { f: 1 } },
      { id: 'c', type: 'REQUEST_CORRECTION', declaration: { f: 2 } },
      { id: 'ok', type: 'APPROVE_CORRECTION', status: 'Requested', requestId: 'c' },
      { type: 'APPROVE_CORRECTION', originalActionId: 'ok' },
      { ...PENDING, type: 'REVOKE_REGISTRATION' },
    );
    expect(fields).toEqual({ f: 2 });
  });
});

describe('the shape of an event', () => {
  const birth = fixture<Record<string, unknown>>('opencrvs/event-document-birth.json');
  test.each<{ name: string; body: unknown; parts: string }>([
    { name: 'no object', body: 'Nomvula', parts: 'the body itself' },
    { name: 'no actions', body: { ...birth, actions: [] }, parts: 'actions' },
    { name: 'no tracking id', body: { ...birth, trackingId: '' }, parts: 'trackingId' },
    {
      name: 'an unknown status',
      body: { ...birth, actions: [{ id: 'a', type: 'REGISTER', createdAt: at(0), status: 'Nomvula' }] },
      parts: 'actions.0.status',
    },
    {
      name: 'a score of actions that are none',
      body: { ...birth, actions: Array(20).fill(0) },
      parts: `${Array.from({ length: 10 }, (_, at) => `actions.${at}`).join(', ')} and more`,
    },
    { name: 'actions without end', body: { ...birth, actions: Array(100_000).fill(0) }, parts: 'actions' },
  ])('$name: refused, and nothing of it quoted', ({ body, parts }) => {
    const message = `The body is not an event of OpenCRVS; wrong or missing: ${parts}.`;
    expect(() => parseEventDocument(body)).toThrow(expect.objectContaining({ code: 'payload_invalid', message }));
  });
});
