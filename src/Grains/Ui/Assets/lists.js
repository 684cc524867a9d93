// Datasets, workers and advice.
import { useState } from "preact/hooks";
import { html } from "ui/html";
import { recorded } from "ui/feed";
import { bytes, clock, plural, worker } from "ui/format";
import { Timeline } from "ui/charts";
import { Confirm, Meter, Progress, Table, useAnswer, useCluster } from "ui/parts";

export const AdviceList = ({ advice, jobs }) => html`
  <ul class="advice">${advice.map(one => html`
    <li>
      <h3>${one.title}</h3>
      ${one.source ? html`<p class="change">Change ${one.source.split(", ").map((line, i) => html`${i ? " or " : ""}<code>${line}</code>`)}</p>` : null}
      <p>${one.text}</p>
      ${jobs ? html`<p class="note"><a href=${`#/job/${one.job}`}>${one.jobName || "the job"}</a></p>` : null}
    </li>`)}
  </ul>`;

export function Advice() {
  const { value, error } = useAnswer("/api/v1/advice", false);
  return html`<h1>Advice</h1>
    <p class="hint">What the newest jobs that took more than half a second say about their programs.</p>
    ${error ? html`<p class="warning">${error}</p>` : !value ? html`<p class="hint">Looking…</p>`
      : value.length ? html`<${AdviceList} advice=${value} jobs=${true} />` : html`<p>Nothing to change was found.</p>`}`;
}

export function Datasets() {
  const { control } = useCluster();
  const { value, error } = useAnswer("/api/v1/datasets", true);
  return html`<h1>Datasets</h1>
    <p class="hint">What programs have persisted, wherever they run.</p>
    ${error ? html`<p class="warning">${error}</p>` : !value ? html`<p class="hint">Asking the workers…</p>` : html`
    <${Table} caption="Persisted RDDs" rows=${value} keyOf=${one => one.lineage} empty="Nothing is persisted."
      columns=${[
        ["name", one => html`${one.name} <code>${one.lineage.slice(0, 12)}</code>`],
        ["level", one => one.level],
        ["partitions", one => html`<${Progress} done=${one.cached} total=${one.partitions} label=${`Partitions of ${one.name}`} />`],
        ["memory", one => bytes(one.memoryBytes), true],
        ["disk", one => bytes(one.diskBytes), true],
        ["at", one => html`<ul class="plain">${one.workers.map(part => html`<li>${`${worker(part.worker)}: ${part.partitions}, ${bytes(part.memoryBytes + part.diskBytes)}`}</li>`)}</ul>`],
        ["held by", one => plural(one.holders.length, "program")],
        ["", one => control && one.own ? html`<${Confirm} text="Unpersist" sure="Really drop it?" label=${one.name} path=${`/api/v1/datasets/${one.lineage}/unpersist`} />` : ""],
      ]} />`}`;
}

export function Workers() {
  const { cluster } = useCluster();
  if (!cluster) return html`<p class="hint">Waiting for the cluster…</p>`;
  return html`<h1>Workers</h1>
    ${cluster.workers.length === 0 ? html`<p class="hint">No worker is known.</p>` : null}
    ${cluster.workers.map(one => html`
      <section class="card" key=${one.id}>
        <h2>${one.name} <span class="note">${one.address}</span></h2>
        <div class="meters">
          <div><span>slots</span><${Meter} used=${one.slotsBusy} of=${one.slots} text=${`${one.slotsBusy} of ${one.slots} busy`} label=${`Slots of ${one.name}`} /></div>
          <div><span>blocks</span><${Meter} used=${one.memoryUsed} of=${one.memoryBudget} text=${`${bytes(one.memoryUsed)} of ${bytes(one.memoryBudget)}`} label=${`Blocks of ${one.name}`} /></div>
          <div><span>tasks' memory</span><${Meter} used=${one.workingBytes} of=${one.memoryBudget} text=${bytes(one.workingBytes)} label=${`Memory of tasks of ${one.name}`} /></div>
        </div>
        <p class="note">${`Managed heap ${bytes(one.heapBytes)}, ${one.collecting.toFixed(1)} % of the time in collections`}${one.givenUp ? html` · <b>${plural(one.givenUp, "task")} given up</b>` : ""}</p>
        ${one.busy.length < 2 ? null : html`<div class="charts">
          <${Timeline} title="Slots busy" values=${one.busy} most=${one.slots} format=${v => v.toFixed(1)} colour="c0" />
          <${Timeline} title="Read from other workers" values=${one.remote} format=${v => `${bytes(v)}/s`} colour="c2" />
        </div>`}
        ${recorded ? null : html`<${Lines} of=${one} />`}
      </section>`)}`;
}

// Asked for when it is opened: most who look at workers do not look here.
function Lines({ of }) {
  const [open, setOpen] = useState(false);
  return html`<details onToggle=${event => setOpen(event.currentTarget.open)}>
    <summary>What its tasks said</summary>
    ${open ? html`<${Said} worker=${of.id} />` : null}
  </details>`;
}

function Said({ worker }) {
  const { value, error } = useAnswer(`/api/v1/workers/${encodeURIComponent(worker)}/lines`, true);
  return error ? html`<p class="warning">${error}</p>` : value === undefined ? html`<p class="hint">Asking the worker…</p>` : html`
    <${Table} caption="The newest lines" rows=${value ?? []} empty="Its tasks have said nothing of late."
      columns=${[
        ["at", line => clock(line.at)],
        ["job", line => html`<a href=${`#/job/${line.job}`}>${line.job.slice(0, 8)}</a>`],
        ["stage", line => line.stage, true],
        ["partition", line => line.partition, true],
        ["level", line => line.level],
        ["line", line => html`<code>${line.category ? `${line.category}: ` : ""}${line.text}</code>`],
      ]} />`;
}
