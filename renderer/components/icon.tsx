/** Small line pictures, 16 px, drawn in the colour of the text beside them. Always beside a word or under a label: hidden from readers. */

const paths = {
  streams: "M2.5 4.5h8M2.5 8h11M2.5 11.5h5.5M13 4.5h.5M11 11.5h2.5",
  quality: "M3 13V9M6.3 13V5M9.7 13V7.5M13 13V3",
  diagnose: "M1.5 8.5h3L6.1 4l3 8 1.7-5 .9 1.5h2.8",
  settings: "M2.5 4.5H8M11.4 4.5h2.1M2.5 11.5h2M8 11.5h5.5M9.7 2.8v3.4M6.2 9.8v3.4",
  plus: "M8 3v10M3 8h10",
  moon: "M13 9.6A5.6 5.6 0 1 1 6.4 3a4.6 4.6 0 0 0 6.6 6.6z",
  sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  stop: "M4.5 4.5h7v7h-7z",
  play: "M5 3.2v9.6l7.5-4.8z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  filter: "M2.5 4.5h11M4.5 8h7M6.5 11.5h3",
  clock: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3.2l2.2 1.4",
  compare: "M2.5 3.5h4v9h-4zM9.5 3.5h4v9h-4z",
  braces:
    "M6.5 3H6a1.5 1.5 0 0 0-1.5 1.5v1.7A1.8 1.8 0 0 1 2.8 8a1.8 1.8 0 0 1 1.7 1.8v1.7A1.5 1.5 0 0 0 6 13h.5M9.5 3h.5a1.5 1.5 0 0 1 1.5 1.5v1.7A1.8 1.8 0 0 0 13.2 8a1.8 1.8 0 0 0-1.7 1.8v1.7A1.5 1.5 0 0 1 10 13h-.5",
  copy: "M6.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1zM3.5 10.5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3.2 8.4l3.1 3.1 6.5-7",
  down: "M4.5 6.5L8 10l3.5-3.5",
  up: "M4.5 9.5L8 6l3.5 3.5",
  newest: "M8 2.5v8.5M4.5 7.5L8 11l3.5-3.5M3.5 13.5h9",
  lock: "M4.5 7h7a1 1 0 0 1 1 1v4.5a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1zM5.5 7V5.2a2.5 2.5 0 0 1 5 0V7",
  unlock: "M4.5 7h7a1 1 0 0 1 1 1v4.5a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1zM5.5 7V5.2a2.5 2.5 0 0 1 4.7-1.2",
  warning: "M8 2.5l6 10.8H2zM8 6.5v3.2M8 11.4v.2",
  info: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 7.3v3.4M8 5.2v.2",
  error: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM6 6l4 4M10 6l-4 4",
  replay: "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9",
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 3.5v9",
  save: "M8 2.5v7.5M5 7l3 3 3-3M3 11v2.5h10V11",
  computer: "M4 3.5h8a.7.7 0 0 1 .7.7v5.3H3.3V4.2a.7.7 0 0 1 .7-.7zM1.8 12.5h12.4",
  shield: "M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4z",
  edge: "M8 2.2L13.2 5v6L8 13.8 2.8 11V5z",
  server:
    "M3.5 3h9a.8.8 0 0 1 .8.8v2.6a.8.8 0 0 1-.8.8h-9a.8.8 0 0 1-.8-.8V3.8a.8.8 0 0 1 .8-.8zM3.5 8.8h9a.8.8 0 0 1 .8.8v2.6a.8.8 0 0 1-.8.8h-9a.8.8 0 0 1-.8-.8V9.6a.8.8 0 0 1 .8-.8zM5.2 5.1h.1M5.2 10.9h.1",
  search: "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2l3.3 3.3",
} as const;

export type IconName = keyof typeof paths;

/** One of our pictures. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
