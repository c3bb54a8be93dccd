import { z } from 'zod';

/**
 * A list of somebody else's with so many elements at the most, to be piped into what they are to be: a longer one is
 * refused before any of them is looked at. Each that is wrong makes an error of some hundred bytes, and a body holds
 * millions.
 */
export const upTo = (most: number) => z.array(z.unknown()).max(most);
