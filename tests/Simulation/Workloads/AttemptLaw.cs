using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Loop;
using MicroSpark.Tasks;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Simulation.Workloads;

/// <summary>
/// What who hands tasks out must not do, by what he sends and by what he has heard: once he knows that an attempt at a task did not find
/// its input, no other one begins beside one that goes on. Two attempts would take turns at it for ever.
/// </summary>
internal sealed class AttemptLaw(World world)
{
    private readonly Dictionary<(Node Owner, LineageId Output, int Partition), List<Attempt>> _attempts = [];
    private readonly Dictionary<BatchId, (LineageId Output, List<Attempt> Attempts)> _batches = [];

    public void Sends(Call call)
    {
        switch (call.Request.GetArgumentCount() > 0 ? call.Request.GetArgument(0) : null)
        {
            case TaskBatch batch:
                _batches.TryAdd(batch.Id, (batch.Stage.Output, []));
                Sends(call, batch.Id, batch.Tasks);
                break;
            case BatchPoll poll:
                Sends(call, poll.Batch, poll.Tasks);
                break;
        }
    }

    public void Heard(Call call, Response response)
    {
        var id = (call.Request.GetArgumentCount() > 0 ? call.Request.GetArgument(0) : null) switch
        {
            TaskBatch batch => batch.Id,
            BatchPoll poll => poll.Batch,
            _ => default(BatchId?),
        };
        if (id is not { } known || !_batches.TryGetValue(known, out var sent))
        {
            return;
        }

        if (response.Exception is not null || response.Result is ReportPage { Unknown: true })
        {
            // The worker may be lost for its owner.
            sent.Attempts.ForEach(static attempt => attempt.IsOpen = false);
        }
        else if (response.Result is ReportPage page)
        {
            foreach (var report in page.Reports)
            {
                if (sent.Attempts.Find(attempt => attempt.Id == report.Attempt) is { } attempt)
                {
                    (attempt.IsOpen, attempt.LostInput) = (false, report.End == TaskEnd.InputLost);
                }
            }
        }
    }

    private void Sends(Call call, BatchId id, TaskItem[] tasks)
    {
        if (!_batches.TryGetValue(id, out var batch))
        {
            return;
        }

        foreach (var task in tasks.Where(task => !task.Copy && batch.Attempts.TrueForAll(attempt => attempt.Id != task.Attempt)))
        {
            var key = (call.From, batch.Output, task.Partition);
            if (!_attempts.TryGetValue(key, out var earlier) || task.AttemptNumber == 0)
            {
                // A set of tasks counts anew.
                _attempts[key] = earlier = [];
            }

            if (earlier.Exists(static attempt => attempt.LostInput) && earlier.Exists(static attempt => attempt.IsOpen))
            {
                world.Fail($"{call.Text} begins attempt {task.AttemptNumber} at partition {task.Partition}, of which one goes on and one found no input.");
            }

            var begun = new Attempt(task.Attempt);
            earlier.Add(begun);
            batch.Attempts.Add(begun);
        }
    }

    private sealed class Attempt(AttemptId id)
    {
        public AttemptId Id => id;

        /// <summary>Its owner has not heard its end.</summary>
        public bool IsOpen { get; set; } = true;

        public bool LostInput { get; set; }
    }
}
