/**
 * Resolves as soon as `condition` holds, asked again and again between other work; fails after the deadline with what
 * was awaited. For states that nothing announces, such as a row in the store.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  awaited: string,
  deadlineMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`within ${deadlineMs} ms it did not come true that ${awaited}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
