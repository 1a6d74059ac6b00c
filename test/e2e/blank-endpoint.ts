/** An endpoint with nothing in it but defaults: what a test or a bench fills in before it is saved. */
import type { Endpoint } from "../../preload/contract.ts";

export const blank: Endpoint = {
  id: "blank",
  name: "",
  url: "",
  method: "GET",
  body: "",
  headers: [],
  credential: { kind: "none" },
  group: [],
  websocket: null,
  discover: false,
  balance: false,
  lastEventId: "",
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: null,
  proxy: { mode: "app", url: "", username: "" },
  keep: "all",
  retention: { days: null, events: null, mebibytes: null },
  paused: false,
  notify: { on: false, types: [], contains: "" },
};
