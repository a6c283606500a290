/** The catalogue of what a colleague did with an item of hers; fetched with the item's pane. */
export const doneBy = ({ label, by, tool }: { label: string; by: string; tool: string }): string =>
  `«\u00a0${label}\u00a0»\u00a0: fait par ${by} dans ${tool}.`;
