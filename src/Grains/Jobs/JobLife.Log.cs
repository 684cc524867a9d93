using MicroSpark.Model;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Jobs;

internal sealed partial class JobLife
{
    [LoggerMessage(Message = "Job {Job}: {From} -> {To} by {Transition}: {Reason}")]
    private static partial void LogMoved(
        ILogger logger, LogLevel level, JobId job, string from, string to, string transition, string reason);

    [LoggerMessage(Level = LogLevel.Trace, Message = "Job {Job}: committed partition {Partition}, attempt {Attempt} of worker {Worker}")]
    private static partial void LogCommitted(ILogger logger, JobId job, int partition, AttemptId attempt, WorkerId worker);
}
