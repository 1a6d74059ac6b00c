/** What the statistics are, and how Prometheus reads them. Pure; the JSON is the type itself. */

export type StreamStats = {
  readonly id: string;
  readonly origin: string;
  readonly phase: string;
  readonly transport: string;
  readonly quality: string;
  /** The forward proxy in force, as scheme, host and port; null: none. */
  readonly proxy: string | null;
  readonly events: number;
  readonly bytes: number;
  /** Connections tried since the app started. */
  readonly attempts: number;
  /** Attempts that opened, 0 to 1; null before the first has ended. */
  readonly successRate: number | null;
  readonly meanIntervalS: number | null;
  /** From losing a connection to having one again. */
  readonly recoveryS: { readonly last: number | null; readonly p50: number | null; readonly max: number | null };
  /** Family and kind of the failure table, and the HTTP status where there was one. */
  readonly lastFailure: { readonly family: string; readonly kind: string; readonly status: number | null } | null;
  /** Failures that no rule knows. */
  readonly unknownFailures: number;
  /** Whether anything is lost, since the app started. Events that came twice are kept once; oversized ones are passed over. */
  readonly duplicates: number;
  readonly oversized: number;
  /** Events and marks that were shown and that the disk did not take when they came. */
  readonly unsaved: number;
  /** Received and not written yet; at `limitBytes` reading stops and the server waits. */
  readonly waiting: {
    readonly bytes: number;
    readonly mostBytes: number;
    readonly limitBytes: number;
    readonly pauses: number;
  };
};

export type Stats = {
  readonly version: string;
  readonly uptimeS: number;
  /** Batches of all streams that the journal has not answered yet. */
  readonly journalQueue: { readonly appends: number; readonly bytes: number; readonly mostBytes: number };
  /** Above them an event is passed over, and a type is counted with others. */
  readonly limits: { readonly eventBytes: number; readonly typeNames: number };
  readonly streams: readonly StreamStats[];
};

type Series = { readonly labels: Readonly<Record<string, string>>; readonly value: number | null };
type Metric = {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  of(stream: StreamStats): readonly Series[];
};

const plain =
  (read: (stream: StreamStats) => number | null) =>
  (stream: StreamStats): Series[] => [{ labels: {}, value: read(stream) }];

const perStream: readonly Metric[] = [
  {
    name: "stream_info",
    type: "gauge",
    help: "What a stream is right now; always 1.",
    of: ({ phase, transport, quality, proxy }) => [
      { labels: { phase, transport, quality, proxy: proxy ?? "" }, value: 1 },
    ],
  },
  {
    name: "stream_open",
    type: "gauge",
    help: "1 while the stream is open.",
    of: plain(({ phase }) => (phase === "open" ? 1 : 0)),
  },
  { name: "stream_events_total", type: "counter", help: "Events received.", of: plain(({ events }) => events) },
  { name: "stream_bytes_total", type: "counter", help: "Bytes received.", of: plain(({ bytes }) => bytes) },
  { name: "stream_attempts_total", type: "counter", help: "Connections tried.", of: plain(({ attempts }) => attempts) },
  {
    name: "stream_unknown_failures_total",
    type: "counter",
    help: "Failures that no rule knows.",
    of: plain(({ unknownFailures }) => unknownFailures),
  },
  {
    name: "stream_duplicates_total",
    type: "counter",
    help: "Events that came again after a reconnect and were kept once.",
    of: plain(({ duplicates }) => duplicates),
  },
  {
    name: "stream_oversized_events_total",
    type: "counter",
    help: "Events passed over because they were larger than event_limit_bytes; each leaves a gap in the list.",
    of: plain(({ oversized }) => oversized),
  },
  {
    name: "stream_unsaved_records_total",
    type: "counter",
    help: "Events and marks that the disk did not take when they came; they may have been written later.",
    of: plain(({ unsaved }) => unsaved),
  },
  {
    name: "stream_waiting_bytes",
    type: "gauge",
    help: "Received and not written yet.",
    of: plain(({ waiting }) => waiting.bytes),
  },
  {
    name: "stream_waiting_most_bytes",
    type: "gauge",
    help: "The most that has waited to be written since the app started.",
    of: plain(({ waiting }) => waiting.mostBytes),
  },
  {
    name: "stream_waiting_limit_bytes",
    type: "gauge",
    help: "Above it reading stops until half of it is written.",
    of: plain(({ waiting }) => waiting.limitBytes),
  },
  {
    name: "stream_reading_pauses_total",
    type: "counter",
    help: "How often reading stopped because too much waited to be written; the server waits meanwhile, nothing is dropped.",
    of: plain(({ waiting }) => waiting.pauses),
  },
  {
    name: "stream_success_ratio",
    type: "gauge",
    help: "Share of attempts that opened, 0 to 1.",
    of: plain(({ successRate }) => successRate),
  },
  {
    name: "stream_attempt_interval_seconds",
    type: "gauge",
    help: "Mean time between connection attempts.",
    of: plain(({ meanIntervalS }) => meanIntervalS),
  },
  {
    name: "stream_recovery_seconds",
    type: "gauge",
    help: "Time from losing the connection to having one again.",
    of: ({ recoveryS }) =>
      (["last", "p50", "max"] as const).map((stat) => ({ labels: { stat }, value: recoveryS[stat] })),
  },
];

/** Prometheus text format 0.0.4. A number that is not known yet has no line. */
export function metrics({ version, uptimeS, journalQueue, limits, streams }: Stats): string {
  const lines = [
    ...head("build_info", "gauge", "The running version; always 1."),
    line("build_info", { version }, 1),
    ...head("uptime_seconds", "gauge", "Time since the app started."),
    line("uptime_seconds", {}, uptimeS),
    ...single("journal_queue_appends", "Batches that the journal has not answered yet.", journalQueue.appends),
    ...single("journal_queue_bytes", "Bytes of these batches.", journalQueue.bytes),
    ...single("journal_queue_most_bytes", "The most of them since the app started.", journalQueue.mostBytes),
    ...single("event_limit_bytes", "A larger event is passed over.", limits.eventBytes),
    ...single("type_names_limit", "Types beyond so many names are counted together.", limits.typeNames),
  ];
  for (const { name, type, help, of } of perStream) {
    const series = streams.flatMap((stream) =>
      of(stream).map(({ labels, value }) => ({
        labels: { stream: stream.id, origin: stream.origin, ...labels },
        value,
      })),
    );
    const known = series.flatMap(({ labels, value }) => (value === null ? [] : [line(name, labels, value)]));
    lines.push(...head(name, type, help), ...known);
  }
  return `${lines.join("\n")}\n`;
}

function single(name: string, help: string, value: number): string[] {
  return [...head(name, "gauge", help), line(name, {}, value)];
}

function head(name: string, type: string, help: string): string[] {
  return [`# HELP holdfast_${name} ${help}`, `# TYPE holdfast_${name} ${type}`];
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `holdfast_${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replace(/[\\"\n]/g, (found) => (found === "\n" ? "\\n" : `\\${found}`));
}
