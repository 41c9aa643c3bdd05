/** CDK prints the warnings of a stack at every synthesis; the tests read them from the stack. */
export function isNoCdkWarning(text: string): boolean {
  return !/Acknowledge with '|validation-report\.json/.test(text);
}
