// What the cluster does now, and did in the last minutes.
import { html } from "ui/html";
import { recorded } from "ui/feed";
import { bytes, clock, count, percent, plural, seconds } from "ui/format";
import { Timeline } from "ui/charts";
import { Confirm, Figure, Progress, State, Table, useCluster } from "ui/parts";

const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);

export const jobColumns = control => [
  ["job", job => html`<a href=${`#/job/${job.id}`}>${job.name || job.id.slice(0, 8)}</a>`],
  ["state", job => html`<${State} of=${job.state} />`],
  ["tasks", job => html`<${Progress} done=${job.tasksDone} total=${job.tasksTotal} label=${`Tasks of ${job.name}`} />`],
  ["stages", job => `${job.stagesDone}/${job.stagesTotal}`, true],
  ["time", job => seconds(job.seconds), true],
  ["shuffled", job => bytes(job.shuffleReadBytes), true],
  ["started", job => clock(job.started)],
  ["group", job => job.group ?? ""],
  ["", job => job.waits ? `waits for ${job.waits}` : job.error ? job.error.split("\n")[0].slice(0, 120)
    : control && job.own && job.state === "running" ? html`<${Confirm} text="Cancel" sure="Really cancel?" label=${job.name} path=${`/api/v1/jobs/${job.id}/cancel`} />` : ""],
];

export function Overview() {
  const { cluster, control } = useCluster();
  if (!cluster) return html`<p class="hint">Waiting for the cluster…</p>`;
  const { workers, timeline, jobs } = cluster;
  const slots = sum(workers, w => w.slots), busy = sum(workers, w => w.slotsBusy);
  const running = jobs.filter(job => job.state === "running"), past = jobs.filter(job => job.state !== "running");
  const memory = sum(workers, w => w.memoryUsed), budget = sum(workers, w => w.memoryBudget);
  const queue = sum(running, job => Math.max(0, job.tasksTotal - job.tasksDone)) - busy;
  return html`
    <h1 class="sr">Overview</h1>
    <dl class="figures">
      ${recorded ? null : html`<${Figure} name="slots busy" value=${`${busy} / ${slots}`} note=${plural(workers.length, "worker")} />`}
      ${recorded ? null : html`<${Figure} name="tasks waiting" value=${count(Math.max(0, queue))} note="of running jobs" />`}
      <${Figure} name="jobs" value=${count(jobs.length)} note=${`${running.length} running, ${past.filter(j => j.state === "failed").length} failed`} />
      ${recorded
        ? html`<${Figure} name="workers" value=${count(workers.length)} note=${plural(slots, "slot")} />`
        : html`<${Figure} name="blocks in memory" value=${bytes(memory)} note=${budget ? `${percent(memory / budget)} of ${bytes(budget)}` : ""} />`}
    </dl>
    ${timeline.busy.length < 2 ? null : html`
    <section class="charts" aria-label="The last minutes">
      <${Timeline} title="Slots busy" values=${timeline.busy} most=${slots} format=${v => v.toFixed(1)} colour="c0" />
      <${Timeline} title="Tasks ended" values=${timeline.tasks} format=${v => `${count(v)}/s`} colour="c1" />
      <${Timeline} title="Read of shuffles" values=${timeline.shuffled} format=${v => `${bytes(v)}/s`} colour="c2" />
      <${Timeline} title="Spilled to disk" values=${timeline.spilled} format=${v => `${bytes(v)}/s`} colour="c3" />
    </section>`}
    ${running.length ? html`<section><h2>Running</h2>
      <${Table} caption="Running jobs" columns=${jobColumns(control)} rows=${running} keyOf=${job => job.id} /></section>` : null}
    <section><h2>${running.length ? "Ended" : "Jobs"}</h2>
      <${Table} caption="Jobs that have ended" columns=${jobColumns(false)} rows=${past} keyOf=${job => job.id} empty="No job has ended yet: run one, and it shows here." />
    </section>`;
}
