import { z } from 'zod';
import { toMediatorError } from '../../errors/index.js';
import { compileMapping } from '../mapping.js';

/** A JSONata expression, known to compile. */
export const Expression = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    try {
      compileMapping('in this place', text);
    } catch (thrown) {
      context.addIssue({ code: 'custom', message: toMediatorError(thrown).message });
    }
  });
