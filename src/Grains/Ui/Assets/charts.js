// Two small charts, as SVG: how something went over the last minutes, and how it spread over tasks.
import { html } from "ui/html";

const W = 600, H = 96;

// Areas over seconds: bars of equal width, since a second is a sum and not a point.
export function Timeline({ title, values, most, format, colour }) {
  const top = Math.max(most ?? 0, ...values) || 1;
  const step = W / values.length;
  // The last second is not over: it would look like a fall.
  const shown = values.slice(0, -1);
  let path = `M0 ${H}`;
  shown.forEach((v, i) => {
    const y = (H - H * v / top).toFixed(1);
    path += `L${(i * step).toFixed(1)} ${y}L${((i + 1) * step).toFixed(1)} ${y}`;
  });
  path += `L${(shown.length * step).toFixed(1)} ${H}Z`;
  const now = shown.at(-1) ?? 0;
  return html`
    <figure class="chart">
      <figcaption><b>${title}</b> <span>${format(now)}</span> <span class="note">of at most ${format(Math.max(0, ...values))}</span></figcaption>
      <svg viewBox=${`0 0 ${W} ${H}`} preserveAspectRatio="none" role="img"
        aria-label=${`${title}: ${format(now)} now, ${format(Math.max(0, ...values))} at most in the last ${values.length} seconds`}>
        ${most ? html`<line x1="0" x2=${W} y1="0.5" y2="0.5" class="limit" vector-effect="non-scaling-stroke" />` : null}
        <path d=${path} class=${colour} />
      </svg>
      <div class="axis"><span>${values.length} s ago</span><span>now</span></div>
    </figure>`;
}

// Least, quarter, half, three quarters, most: a box with a line to either end.
export function Spread({ of, format, title }) {
  if (of.length < 5) return html`<span class="note">no task yet</span>`;
  const [least, low, half, high, most] = of;
  const x = v => most > 0 ? 2 + 156 * v / most : 2;
  return html`
    <div class="spread">
      <svg viewBox="0 0 160 16" width="160" height="16" role="img" aria-label=${`${title}: least ${format(least)}, a quarter up to ${format(low)}, half up to ${format(half)}, three quarters up to ${format(high)}, most ${format(most)}`}>
        <line x1=${x(least)} x2=${x(most)} y1="8" y2="8" />
        <rect x=${x(low)} width=${Math.max(1, x(high) - x(low))} y="3" height="10" />
        <line class="half" x1=${x(half)} x2=${x(half)} y1="1" y2="15" />
        <line x1=${x(most)} x2=${x(most)} y1="4" y2="12" />
      </svg>
      <span class="numbers">${format(least)} · ${format(low)} · <b>${format(half)}</b> · ${format(high)} · ${format(most)}</span>
    </div>`;
}
