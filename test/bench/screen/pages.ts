/** The rivals' pages, as small as they can be: what a browser does by itself with the same stream. */

/** Counts, and shows the last event when all have come. `run(url, n)` → UTC ms after that paint. */
const native = `<!doctype html><meta charset="utf-8"><title>native</title><p id="tail"></p><script>
window.run = (url, n) => new Promise((resolve) => {
  let seen = 0;
  const source = new EventSource(url);
  source.onmessage = (event) => {
    if (++seen < n) return;
    source.close();
    document.getElementById("tail").textContent = event.data;
    requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
  };
});
</script>`;

/** Forty rows, drawn anew in the frame after events came. `run(url, n)` → [newest number painted, UTC ms after that paint][]. */
const list = `<!doctype html><meta charset="utf-8"><title>rows</title><style>div{font:13px monospace;height:20px;overflow:hidden;white-space:nowrap}</style><script>
window.run = (url, n) => new Promise((resolve) => {
  const rows = Array.from({ length: 40 }, () => document.body.appendChild(document.createElement("div")));
  const kept = [];
  const paints = [];
  let asked = false;
  const paint = () => {
    asked = false;
    rows.forEach((row, at) => { row.textContent = kept[at] ?? ""; });
    const newest = Number(/"n":(\\d+)/.exec(kept[kept.length - 1])[1]);
    setTimeout(() => {
      paints.push([newest, Date.now()]);
      if (newest === n - 1) { source.close(); resolve(paints); }
    });
  };
  const source = new EventSource(url);
  source.onmessage = ({ data }) => {
    if (kept.push(data) > 40) kept.shift();
    if (!asked) { asked = true; requestAnimationFrame(paint); }
  };
});
</script><body></body>`;

/** Nothing but text to scroll through: what frames take on this machine when nobody does anything. */
const still = `<!doctype html><meta charset="utf-8"><title>still</title><style>div{font:13px monospace;height:26px}</style><body><script>
for (let n = 0; n < 5000; n++) document.body.appendChild(document.createElement("div")).textContent = "row " + n + " of a page that does nothing";
</script></body>`;

const blank = `<!doctype html><meta charset="utf-8"><title>blank</title><p>A window.</p>`;

export const pages: Readonly<Record<string, string>> = { native, list, still, blank };
