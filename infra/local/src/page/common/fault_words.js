// The services that can fail, and the ways in which they fail, in words.

export const SERVICES = [["ses", "E-mail (SES)"], ["sns", "Text messages (SNS)"], ["webhook", "Webhook"],
  ["dynamodb", "Table (DynamoDB)"], ["kms", "Keys (KMS)"]];

export const FAULTS = [["throttled", "says it is too busy"], ["server_error", "answers 500"],
  ["slow", "answers 2 seconds later"], ["hang", "does not answer"],
  ["cut_before", "is cut off before it acts"], ["cut_after", "is cut off after it acted"],
  ["conflict", "refuses a transaction for another"]];

/** The words for this value of a list. */
export function named(list, value) {
  return list.find(([name]) => name === value)?.[1] ?? value;
}
