/**
 * The window's calls about exports: one at a time, into a file that the user chose in a native dialog, with news of how far it is; and the
 * curl command of a stream. What is written and how stands in main/io/export and main/core/export.
 */
import type { Exporting, Handlers } from "../preload/contract.ts";
import { type CurlRequest, curlCommand } from "./core/export/curl.ts";
import type { ExportFormat } from "./core/export/formats.ts";
import { exportToFile } from "./io/export/event-file.ts";
import { exportSource } from "./io/export/event-pages.ts";
import { everything } from "./io/journal/journal-filter.ts";
import { JournalError } from "./io/journal/journal-protocol.ts";
import type { Clock, Journal } from "./io/ports.ts";
import type { Settings } from "./io/stores/settings-store.ts";
import type { credentialName } from "./streams/endpoint-request.ts";
import type { Streams } from "./streams/streams.ts";

export type ExportParts = {
  readonly journal: Journal;
  readonly settings: Settings;
  readonly streams: Pick<Streams, "views">;
  readonly clock: Pick<Clock, "mono">;
  readonly publish: (progress: Exporting) => void;
  /** Asks where the events are to be written; null: nowhere. */
  readonly chooseFile: (format: ExportFormat, streamName: string) => Promise<string | null>;
};

/** At most ten times a second it is told how far it is. */
const paceMs = 100;

export function createExports(parts: ExportParts): Pick<Handlers["events"], "export" | "cancelExport" | "curl"> {
  const { journal, settings, streams, clock, publish } = parts;
  let running: AbortController | null = null;
  const viewOf = (stream: string) => streams.views().find(({ id }) => id === stream);
  return {
    export: async ({ stream, choice, format }) => {
      if (running !== null) throw new JournalError("export-busy");
      const stop = new AbortController();
      running = stop;
      try {
        const path = await parts.chooseFile(format, viewOf(stream)?.name ?? stream);
        if (path === null) return null;
        const wanted = choice.what === "all" ? ({ what: "filter", filter: everything } as const) : choice;
        const source = await exportSource(journal, stream, wanted);
        let told = Number.NEGATIVE_INFINITY;
        const progress = (written: number) => {
          if (clock.mono() - told < paceMs) return;
          told = clock.mono();
          publish({ written, total: source.total });
        };
        progress(0);
        return { path, ...(await exportToFile(path, source, { format, signal: stop.signal, progress })) };
      } finally {
        running = null;
      }
    },
    cancelExport: () => running?.abort(),
    curl: (stream) => {
      const endpoint = settings.view().endpoints.find(({ id }) => id === stream);
      const view = viewOf(stream);
      // A stream that is not in the settings, as the demo's, has no more than the address it shows.
      if (endpoint === undefined && view === undefined) return null;
      const lastEventId = view?.lastEventId ?? "";
      if (endpoint === undefined) {
        return curlCommand({ url: view?.address ?? "", method: "GET", body: "", headers: [], lastEventId });
      }
      const { method, body, credential } = endpoint;
      const headers: (readonly [string, string | null])[] = endpoint.headers.map(({ name, value, secret }) => [
        name,
        secret ? null : value,
      ]);
      return curlCommand({
        url: endpoint.url,
        method,
        body,
        headers: [...headers, ...signIn(credential)],
        lastEventId,
      });
    },
  };
}

/** The header that signs in, as far as it is no secret. */
function signIn(credential: Parameters<typeof credentialName>[0]): CurlRequest["headers"] {
  if (credential.kind === "none") return [];
  if (credential.kind === "header") return [[credential.name, null]];
  return [["Authorization", credential.kind === "basic" ? "Basic ?" : "Bearer ?"]];
}
