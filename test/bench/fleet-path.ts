/** The one path that a client of the benches has to its server, under the product's own rules. No rules of its own. */
import {
  type Answer,
  defaultDeadlines,
  type ParsedEvent,
  type Policy,
} from "../../main/core/connection/connection-state.ts";
import { defaultStrategies } from "../../main/core/connection/strategy.ts";

export const onePath: Policy = {
  ...defaultDeadlines,
  candidates: [
    {
      key: "sse http://origin/events",
      transport: "sse",
      origin: "http://origin",
      freshCredential: false,
      credential: "",
    },
  ],
  discover: false,
  balance: false,
  strategies: defaultStrategies,
  strict: false,
  idleTimeoutMs: null,
  repeatable: true,
};

export const answer: Answer = {
  address: "http://origin/events",
  server: null,
  httpVersion: "1.1",
  askedFrom: "",
};

export const parsed: ParsedEvent = {
  id: "1",
  lastEventId: "1",
  type: "message",
  data: "x",
  bytes: 20,
  flags: [],
  stampedAt: null,
};
