/** placeholder until the store work lands */
export type HistorySnapshot = { readonly version: 1; readonly rings: readonly string[] };
