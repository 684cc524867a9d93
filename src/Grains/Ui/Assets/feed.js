// Where the page's data come from: a running cluster, or a recording in the page itself. Views see no difference.

const node = document.getElementById("recorded");
const data = node ? JSON.parse(node.textContent) : null;

export const recorded = data !== null;

const listeners = new Set();
const state = { cluster: data?.["/api/v1/cluster"] ?? null, control: false, session: null, connected: recorded };

export const current = () => state;

// Calls back with each new state of the cluster until it is told to stop.
export function follow(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tell = () => { for (const listener of listeners) listener(state); };

// The page may stand below a path of somebody's application: addresses are relative to it.
const here = path => `.${path}`;

// Null when nobody knows it.
export async function get(path) {
  if (recorded) return data[path.split("?")[0]] ?? null;
  const answer = await fetch(here(path), { credentials: "same-origin" });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

export async function post(path) {
  const answer = await fetch(here(path), { method: "POST", credentials: "same-origin", headers: { "microspark-page": "1" } });
  if (!answer.ok) throw new Error(await answer.text());
}

// The state of the cluster with what has changed since: of lists of seconds the last ones come, of jobs those that are others.
function changed(old, news) {
  const { timeline } = old, cut = news.timeline.from - timeline.from;
  const joined = (before, tail) => [...before.slice(cut + tail.length - before.length, cut), ...tail];
  const seconds = { from: timeline.from + cut + news.timeline.busy.length - timeline.busy.length };
  for (const name in timeline) if (name !== "from") seconds[name] = joined(timeline[name], news.timeline[name]);
  const workers = news.workers.map((worker, i) => ({
    ...worker, busy: joined(old.workers[i].busy, worker.busy), remote: joined(old.workers[i].remote, worker.remote),
  }));
  const others = new Set([...news.gone, ...news.jobs.map(job => job.id)]);
  const jobs = [...news.jobs, ...old.jobs.filter(job => !others.has(job.id))];
  jobs.sort((a, b) => (b.state === "running") - (a.state === "running") || b.started - a.started);
  return { now: news.now, workers, timeline: seconds, jobs };
}

const AGAIN = 2000, SELDOM = 60000;

if (!recorded) {
  // Without its answer a page that may change things looks like one that may not, so a failure is not the end of it.
  const meet = () => get("/api/v1/session").then(session => { state.control = session.control; state.session = session; tell(); }, () => setTimeout(meet, AGAIN));
  meet();
  let source = null, lost = 0, pause = AGAIN;
  const open = () => {
    if (source) return;
    const opened = source = new EventSource(here("/api/v1/events"));
    opened.onmessage = message => {
      const news = JSON.parse(message.data);
      state.cluster = news.gone ? changed(state.cluster, news) : news;
      clearTimeout(lost);
      [lost, pause] = [0, AGAIN];
      state.connected = true;
      tell();
    };
    opened.onerror = () => {
      // A stream may end and begin anew, so that who may see it is asked again: that is no loss.
      lost ||= setTimeout(() => { state.connected = false; tell(); }, AGAIN);
      // A browser opens it again by itself, but not after an answer that is no stream, as that of a cluster that is busy. Who has
      // signed out is sent to sign in, each time with cookies for that: so it is asked less and less often.
      if (opened.readyState === EventSource.CLOSED && source === opened) {
        source = null;
        setTimeout(look, pause);
        pause = Math.min(2 * pause, SELDOM);
      }
    };
  };
  // A browser has six connections to a server, for all of its windows: one that nobody sees gives its own back.
  const look = () => {
    if (!document.hidden) return open();
    source?.close();
    source = null;
    clearTimeout(lost);
    lost = 0;
  };
  document.addEventListener("visibilitychange", look);
  look();
}
