// Numbers for people.

const units = ["B", "KB", "MB", "GB", "TB", "PB"];

export function bytes(n) {
  if (!n) return "0 B";
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.abs(n)) / 10));
  const value = n / 1024 ** unit;
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}

export const count = n => n.toLocaleString("en-US");
export const records = n => `${count(n)} record${n === 1 ? "" : "s"}`;

export function seconds(s) {
  if (s < 0.001) return `${(s * 1e6).toFixed(0)} µs`;
  if (s < 1) return `${(s * 1000).toPrecision(3)} ms`;
  if (s < 60) return `${s.toPrecision(3)} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(s % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const ms = n => seconds(n / 1000);

export const percent = n => `${Math.round(100 * n)} %`;

export const clock = t => new Date(t).toLocaleTimeString("en-GB");

export const plural = (n, word) => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

// People count attempts from 1, JSON and code from 0.
export const attempt = n => n === null || n === undefined ? "" : `${n + 1}`;

// How a stage is called, everywhere: its number and the operators that run in its tasks.
export const stageName = stage => `${stage.stage} ${stage.name || stage.operator}`;

// A worker's id is its address and the moment at which it started.
export const worker = id => id.split("@")[0];
