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

const shares = ["min", "25 %", "median", "75 %", "max"];

// How one quantity spreads over the tasks of each stage: five numbers and a box with a line to either end. All boxes of a quantity have
// one scale, from nothing to the largest number of any stage.
export function Spreads({ rows, quantities, name, colour }) {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="How tasks spread">
      <table class="spreads">
        <caption>Of each stage: the least, a quarter, half, three quarters, and the most of its tasks</caption>
        <thead><tr><th scope="col">per task</th><th scope="col" class="box"></th>${shares.map(share => html`<th scope="col" class="number">${share}</th>`)}</tr></thead>
        ${quantities.map(([title, of, format]) => {
          const most = Math.max(0, ...rows.map(row => of(row)[4] ?? 0));
          const x = v => most > 0 ? 2 + 156 * v / most : 2;
          return html`<tbody>
            <tr class="quantity"><th scope="rowgroup" colspan="7">${title} <span class="note">${most > 0 ? `boxes from 0 to ${format(most)}` : "nothing in any task"}</span></th></tr>
            ${most > 0 ? rows.filter(row => of(row).length === 5).map(row => {
              const [least, low, half, high, top] = of(row);
              return html`<tr>
                <th scope="row"><span class="swatch" style=${{ background: `var(${colour(row)})` }}></span>${name(row)}</th>
                <td class="box"><svg class="spread" viewBox="0 0 160 16" preserveAspectRatio="none" aria-hidden="true">
                  <line x1=${x(least)} x2=${x(top)} y1="8" y2="8" />
                  <rect x=${x(low)} width=${Math.max(1, x(high) - x(low))} y="3" height="10" />
                  <line class="half" x1=${x(half)} x2=${x(half)} y1="1" y2="15" />
                  <line x1=${x(top)} x2=${x(top)} y1="4" y2="12" />
                </svg></td>
                ${[least, low, half, high, top].map((value, i) => html`<td class=${i === 4 && top > 2 * half && top >= most / 10 ? "number far" : "number"}>${format(value)}</td>`)}
              </tr>`;
            }) : null}
          </tbody>`;
        })}
      </table>
    </div>`;
}
