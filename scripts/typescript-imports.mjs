/**
 * Lets plain Node run our TypeScript: in a `.ts` file an import of `./x.js` means `./x.ts`, as it does to the compiler.
 * Loaded by `node --import`, before the script.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const ownSource = context.parentURL?.endsWith('.ts') && specifier.startsWith('.');
    return nextResolve(ownSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
