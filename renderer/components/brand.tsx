/** The mark of Holdfast: a kelp's holdfast round a rock. */
export function Brand({ size = 18 }: { size?: number }) {
  const kelp = {
    fill: "none",
    stroke: "var(--kelp)",
    strokeWidth: 50,
    strokeLinecap: "round",
    strokeLinejoin: "round",
  } as const;
  return (
    <svg width={size} height={size} viewBox="0 0 512 512" aria-hidden="true">
      <rect width="512" height="512" rx="112" fill="var(--brand)" />
      <circle cx="256" cy="358" r="106" fill="var(--rock)" />
      <path
        {...kelp}
        d="M256 214C146 218 84 292 90 366c4 36 22 62 50 74M256 214c110 4 172 78 166 152-4 36-22 62-50 74"
      />
      <path {...kelp} d="M238 58C292 102 222 150 256 212V282" />
    </svg>
  );
}
