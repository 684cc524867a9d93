// Small parts that several views share.
import { useEffect, useState } from "preact/hooks";
import { html } from "ui/html";
import { current, follow, get, post } from "ui/feed";

// The state of the cluster, drawn anew with each change.
export function useCluster() {
  const [, draw] = useState(0);
  useEffect(() => follow(() => draw(n => n + 1)), []);
  return current();
}

// How long what an address gave is looked at before it is asked again: who follows a job's tasks sees no more of them than this. Changes
// are told twice a second, so it is the third one that asks.
export const AGAIN = 1450;

// What an address gives, asked again while `live`, one request at a time.
export function useAnswer(path, live) {
  const [answer, setAnswer] = useState({ path: null, value: undefined, error: null });
  useEffect(() => {
    let over = false, asking = false, last = 0;
    const ask = async () => {
      if (asking || over) return;
      asking = true;
      try {
        const value = await get(path);
        if (!over) setAnswer({ path, value, error: null });
      } catch (error) {
        if (!over) setAnswer(known => ({ ...known, path, error: error.message }));
      }
      last = performance.now();
      asking = false;
    };
    ask();
    const stop = live ? follow(() => { if (performance.now() - last > AGAIN) ask(); }) : () => {};
    return () => { over = true; stop(); };
  }, [path, live]);
  return answer.path === path ? answer : { value: undefined, error: null };
}

const marks = { running: "▶", succeeded: "✓", done: "✓", failed: "✕", cancelled: "■", stopped: "■", waiting: "…", reused: "↺", unknown: "?" };

// The sign says what the colour does.
export const State = ({ of }) => html`<span class=${`state ${of}`}><span aria-hidden="true">${marks[of] ?? "•"}</span> ${of}</span>`;

export const Progress = ({ done, total, label }) => html`
  <div class="progress" role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax=${total} aria-valuenow=${done}>
    <div class="fill" style=${{ width: `${total ? 100 * done / total : 0}%` }}></div>
    <span>${done}/${total}</span>
  </div>`;

export const Meter = ({ used, of, text, label }) => html`
  <div class="progress" role="meter" aria-label=${label} aria-valuemin="0" aria-valuemax=${of} aria-valuenow=${Math.min(used, of)}>
    <div class="fill" style=${{ width: `${of ? Math.min(100, 100 * used / of) : 0}%` }}></div>
    <span>${text}</span>
  </div>`;

export const Figure = ({ name, value, note }) => html`
  <div class="figure"><dt>${name}</dt><dd>${value}</dd>${note && html`<dd class="note">${note}</dd>`}</div>`;

// A table. Where the window is narrow each row becomes a card, whose cells say what they are: so the roles, which such cells lose, are
// named. Columns: [title, cell of a row, is it a number].
export const Table = ({ caption, columns, rows, keyOf, mark, empty, id }) => rows.length === 0
  ? html`<p class="hint">${empty}</p>`
  : html`
  <div class="scroll" tabindex="0" role="region" aria-label=${caption} id=${id}>
    <table role="table" class="cards">
      <caption>${caption}</caption>
      <thead role="rowgroup"><tr role="row">${columns.map(([title, , number]) => html`<th scope="col" role="columnheader" class=${number ? "number" : ""}>${title}</th>`)}</tr></thead>
      <tbody role="rowgroup">${rows.map((row, i) => html`
        <tr key=${keyOf ? keyOf(row) : i} role="row" class=${mark?.(row) ? "marked" : ""}>
          ${columns.map(([title, cell, number]) => {
            const inside = cell(row, i);
            return html`<td role="cell" data-of=${title} class=${`${number ? "number" : ""} ${inside === "" ? "none" : ""}`}>${inside}</td>`;
          })}
        </tr>`)}
      </tbody>
    </table>
  </div>`;

// A button for what cannot be undone: the second press does it.
export function Confirm({ text, sure, path, label }) {
  const [step, setStep] = useState("first");
  const [fault, setFault] = useState("");
  const press = async () => {
    if (step === "first" || step === "failed") return setStep("sure");
    setStep("sent");
    try {
      await post(path);
    } catch (error) {
      setFault(error.message);
      setStep("failed");
    }
  };
  const words = { first: text, sure, sent: "Asked…", failed: "Failed: again?" };
  return html`<button type="button" class=${step === "sure" ? "danger" : ""} disabled=${step === "sent"} aria-label=${`${words[step]} ${label}`}
    onClick=${press} onBlur=${() => step === "sure" && setStep("first")}>${words[step]}</button>
    ${step === "failed" ? html`<span class="note" role="alert">${fault}</span>` : null}`;
}
