// One job: its stages as a graph, the stream of its tasks, how they spread, what failed and why.
import { useState } from "preact/hooks";
import { html } from "ui/html";
import { recorded } from "ui/feed";
import { attempt, bytes, clock, count, ms, percent, records, seconds, stageName, worker } from "ui/format";
import { Spreads } from "ui/charts";
import { colourOf, StageGraph } from "ui/graph";
import { AdviceList } from "ui/lists";
import { Confirm, Figure, State, Table, useAnswer, useCluster } from "ui/parts";
import { TaskStream } from "ui/stream";

const at = t => `+${ms(Math.max(0, t))}`;

// Of how many stages the slowest tasks are listed, and how many tasks of each while none is chosen.
const MostListed = 12, OfEach = 3;

export function Job({ id }) {
  const { cluster, control } = useCluster();
  const [chosen, setChosen] = useState(null);
  const [picked, setPicked] = useState(null);
  const listed = cluster?.jobs.find(job => job.id === id);
  const [live, setLive] = useState(!recorded);
  const { value: detail, error } = useAnswer(`/api/v1/jobs/${id}`, live);
  if (error && !detail) return html`<p class="hint">${error}</p>`;
  if (detail === null) return html`<h1>Job</h1><p class="hint">Nobody remembers this job any more.</p>`;
  if (!detail) return html`<p class="hint">Asking the workers…</p>`;
  const { job, stages, failures, notes, advice } = detail;
  const running = job.state === "running" || listed?.state === "running";
  if (live !== (running && !recorded)) setLive(running && !recorded);
  const choose = output => setChosen(chosen === output ? null : output);
  const stage = stages.find(one => one.output === chosen);
  const again = notes.filter(note => note.again);
  const tasks = stages.reduce((n, one) => n + one.tasks, 0);
  const named = number => { const one = stages.find(known => known.stage === number); return one ? stageName(one) : `${number}`; };
  const swatch = one => html`<span class="swatch" style=${{ background: `var(${colourOf(stages.indexOf(one))})` }}></span>`;
  const button = one => html`<button type="button" class="plain" aria-pressed=${chosen === one.output} onClick=${() => choose(one.output)}>${swatch(one)}${stageName(one)}</button>`;
  const columns = [
    ["stage", one => html`${button(one)}<div class="note">${[one.line, one.feeds && `for ${one.feeds}`].filter(Boolean).join(" · ")}</div>`],
    ["state", one => html`<${State} of=${one.state} />`],
    ["tasks", one => html`${`${count(one.tasks)}/${count(one.partitions)}`}${[
      [one.running, "running"], [one.failed, one.failed === 1 ? "attempt failed" : "attempts failed"], [one.retries, "tried again"], [one.reused, "reused"],
    ].filter(([n]) => n).map(([n, what]) => html`<div class="note">${`${count(n)} ${what}`}</div>`)}`, true],
    ["time", one => seconds(one.seconds), true],
    ["task time", one => seconds(one.taskSeconds), true],
    ["read", one => html`${bytes(one.inputBytes + one.shuffleReadBytes)}${one.readRecords ? html`<div class="note">${records(one.readRecords)}</div>` : null}${one.remoteReadBytes ? html`<div class="note">${`${bytes(one.remoteReadBytes)} of other workers`}</div>` : null}`, true],
    ["written", one => html`${bytes(one.bytes)}<div class="note">${records(one.records)}</div>`, true],
    ["spilled", one => one.spilledBytes ? bytes(one.spilledBytes) : "", true],
  ];
  const shown = stage ? [stage] : [...stages].sort((a, b) => b.taskSeconds - a.taskSeconds).slice(0, MostListed);
  const slowest = shown.flatMap(one => one.slowestTasks.slice(0, stage ? 99 : OfEach).map(task => ({ ...task, stage: one }))).sort((a, b) => b.seconds - a.seconds);
  const isPicked = task => picked !== null && picked.output === task.stage.output && picked.partition === task.partition && picked.attempt === task.attempt;
  const pick = task => setPicked(isPicked(task) ? null : { ...task, output: task.stage.output });
  return html`
    <header class="title">
      <h1>${job.name || "Job"} <${State} of=${job.state} /></h1>
      ${control && job.own && running ? html`<${Confirm} text="Cancel" sure="Really cancel?" label=${job.name} path=${`/api/v1/jobs/${id}/cancel`} />` : null}
    </header>
    <p class="note">${id}${job.group ? ` · group ${job.group}` : ""}${job.owner ? ` · of ${job.owner}` : ""} · ${clock(job.started)}</p>
    ${job.waits ? html`<p class="warning">It waits for ${job.waits}.</p>` : null}
    ${job.error ? html`<pre class="error">${job.error}</pre>` : null}
    <dl class="figures">
      <${Figure} name="time" value=${seconds(job.seconds)} note=${`${seconds(stages.reduce((n, one) => n + one.taskSeconds, 0))} of tasks`} />
      <${Figure} name="tasks" value=${count(tasks)} note=${`${count(stages.reduce((n, one) => n + one.failed, 0))} failed, ${count(stages.reduce((n, one) => n + one.retries, 0))} tried again`} />
      <${Figure} name="read of shuffles" value=${bytes(stages.reduce((n, one) => n + one.shuffleReadBytes, 0))} note=${`${bytes(stages.reduce((n, one) => n + one.remoteReadBytes, 0))} from other workers`} />
      <${Figure} name="spilled" value=${bytes(stages.reduce((n, one) => n + one.spilledBytes, 0))} />
    </dl>
    ${advice.length ? html`<section><h2>Advice</h2><${AdviceList} advice=${advice} /></section>` : null}
    <section><h2>Stages</h2>
      <${StageGraph} stages=${stages} chosen=${chosen} choose=${choose} />
      <${Table} caption="Stages of the job" columns=${columns} rows=${stages} keyOf=${one => one.output} mark=${one => one.output === chosen} empty="Its stages are not known yet." />
    </section>
    ${stage ? html`<section aria-label="Chosen stage"><h2>${`Stage ${stageName(stage)}`}</h2>
      <dl class="lines">
        <dt>operators</dt><dd>${`${stage.operators.join(" → ")}${stage.feeds ? ` (whose shuffle it writes)` : ""}`}</dd>
        <dt>lines</dt><dd>${stage.sources.join(", ") || "no symbols were found"}</dd>
        ${stage.slowest ? html`<dt>slowest</dt><dd>${`partition ${stage.slowest.partition} on ${worker(stage.slowest.worker)}: ${seconds(stage.slowest.seconds)}, ${percent(stage.slowest.share)} of the stage's task time`}</dd>` : null}
      </dl></section>` : null}
    <section><h2>Tasks over time</h2>
      <${TaskStream} job=${id} stages=${stages} live=${live} chosen=${chosen} picked=${picked} />
    </section>
    <section><h2>Slowest tasks</h2>
      <p class="hint">${stage ? "Of the chosen stage" : "The longest of each stage"}; choose one to see it among the others above. Red: twice the median or more, and a tenth of the job's time.</p>
      <${Table} caption="Slowest tasks" rows=${slowest} keyOf=${task => `${task.stage.output} ${task.partition} ${task.attempt}`} mark=${isPicked} empty="No task has ended yet."
        columns=${[
          ["task", task => html`<button type="button" class="plain" aria-pressed=${isPicked(task)} aria-label=${`Partition ${task.partition}, attempt ${attempt(task.attempt)} of stage ${stageName(task.stage)}`}
            onClick=${() => pick(task)}>${`partition ${task.partition}`}</button>${task.result === "succeeded" ? null : html` <${State} of=${task.result} />`}`],
          ["stage", task => html`${swatch(task.stage)}${stageName(task.stage)}`],
          ["attempt", task => attempt(task.attempt), true],
          ["worker", task => worker(task.worker)],
          ["time", task => seconds(task.seconds), true],
          ["against median", task => task.timesMedian ? html`<span class=${task.timesMedian >= 2 && task.seconds >= job.seconds / 10 ? "far" : ""}>${`${task.timesMedian >= 10 ? Math.round(task.timesMedian) : task.timesMedian.toFixed(1)} ×`}</span>` : "", true],
          ["read", task => html`${bytes(task.readBytes)}${task.readRecords ? html`<div class="note">${records(task.readRecords)}</div>` : null}`, true],
          ["written", task => html`${bytes(task.bytes)}<div class="note">${records(task.records)}</div>`, true],
        ]} />
    </section>
    <section><h2>How tasks spread</h2>
      ${stages.some(one => one.time.length) ? html`<${Spreads} rows=${stages.filter(one => one.time.length)} name=${stageName} colour=${one => colourOf(stages.indexOf(one))}
        quantities=${[
          ["Time", one => one.time, ms], ["Read", one => one.taskReadBytes, bytes],
          ["Records read", one => one.taskReadRecords, count],
          ["Written", one => one.taskBytes, bytes], ["Records written", one => one.taskRecords, count],
        ]} />` : html`<p class="hint">No task has ended yet.</p>`}
    </section>
    <section><h2>Why tasks ran again</h2>
      <${Table} caption="Attempts that came to nothing" rows=${again} empty="None did."
        columns=${[
          ["at", note => at(note.at), true], ["stage", note => named(note.stage)], ["partition", note => note.partition ?? "open ones", true],
          ["attempt", note => attempt(note.attempt), true], ["worker", note => note.worker ? worker(note.worker) : ""],
          ["ended", note => note.result ?? "goes on"], ["it took", note => note.seconds === null ? "" : seconds(note.seconds), true],
          ["because", note => note.reason], ["then", note => note.then ?? ""],
        ]} />
    </section>
    <section><h2>Failures</h2>
      ${failures.length === 0 ? html`<p class="hint">None.</p>` : html`<ul class="failures">${failures.slice(-20).reverse().map((one, i) => html`
        <li key=${i}>
          <h3>${(one.error ?? "").split("\n")[0]}</h3>
          <p>${one.line ? html`thrown at <code>${one.line}</code>, ` : null}${`in attempt ${attempt(one.attempt)} at partition ${one.partition} of stage ${named(one.stage)}`}</p>
          <p class="note">${`${at(one.at)} · ${worker(one.worker)}${one.operator ? ` · in ${one.operator}` : ""}`}</p>
          ${one.stack || (one.error ?? "").includes("\n") ? html`<details><summary>The stack</summary><pre>${one.error}${one.stack ? `\n${one.stack}` : ""}</pre></details>` : null}
        </li>`)}</ul>`}
    </section>`;
}
