using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

// What a set knows of its tasks, and of the batches in which they are at workers.
internal sealed partial class TaskSetRunner
{
    private sealed class Work(PlacedPartition placed)
    {
        public int Partition => placed.Partition;

        public WorkerId? Preferred { get; set; } = placed.Preferred;

        /// <summary>Where it just failed.</summary>
        public WorkerId? Avoid { get; set; }

        /// <summary>Attempts that were sent, and so the next attempt's number.</summary>
        public int Attempts { get; set; }

        public int Failures { get; set; }

        public int Returns { get; set; }

        /// <summary>Attempts at workers now: one, or two with a speculative one.</summary>
        public int Running { get; set; }

        /// <summary>An attempt did not find an input; the owner of the set hears of it when no other attempt is left.</summary>
        public bool LostInput { get; set; }

        public bool Ended { get; set; }
    }

    private sealed class Batch(WorkerId worker, TaskBatch request, Dictionary<int, Work> open)
    {
        public WorkerId Worker => worker;

        public TaskBatch Request => request;

        /// <summary>Tasks that the worker has not reported.</summary>
        public Dictionary<int, Work> Open => open;

        /// <summary>The number of the attempt that is reported, which most reports know themselves.</summary>
        public int AttemptAt(TaskReport report) => report.Span?.AttemptNumber ?? AttemptAt(report.Partition);

        /// <summary>Looked for among all of the batch: asked for what did not succeed at once.</summary>
        public int AttemptAt(int partition) => Array.Find(request.Tasks, task => task.Partition == partition).AttemptNumber;

        /// <summary>When the last report came.</summary>
        public long Heard { get; set; }

        /// <summary>Partitions that ended elsewhere and are to be stopped at the worker, collected over one turn.</summary>
        public List<int> Stopped { get; } = [];

        public bool Stopping { get; set; }
    }
}
