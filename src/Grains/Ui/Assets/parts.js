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
    const stop = live ? follow(() => { if (performance.now() - last > 350) ask(); }) : () => {};
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

// A table that scrolls by itself where the window is narrow. Columns: [title, cell of a row, is it a number].
export const Table = ({ caption, columns, rows, keyOf, mark, empty }) => rows.length === 0
  ? html`<p class="hint">${empty}</p>`
  : html`
  <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption>${caption}</caption>
      <thead><tr>${columns.map(([title, , number]) => html`<th scope="col" class=${number ? "number" : ""}>${title}</th>`)}</tr></thead>
      <tbody>${rows.map((row, i) => html`
        <tr key=${keyOf ? keyOf(row) : i} class=${mark?.(row) ? "marked" : ""}>
          ${columns.map(([, cell, number]) => html`<td class=${number ? "number" : ""}>${cell(row, i)}</td>`)}
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
