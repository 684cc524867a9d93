using MicroSpark.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Rdds;

// Each change of state, counted and told.
internal sealed partial class RddGrain
{
    public const string PartitionMachine = "Partition";
    public const string WishMachine = "Wish";

    [LoggerMessage(Level = LogLevel.Debug, Message = "RDD {Lineage}, partition {Partition}: {From} -> {To} by {Transition}")]
    private static partial void LogMoved(ILogger logger, LineageId lineage, int partition, string from, string to, string transition);

    [LoggerMessage(Message = "RDD {Lineage}, wish of job {Job}: {Transition}: {Reason}")]
    private static partial void LogWish(ILogger logger, LogLevel level, LineageId lineage, JobId job, string transition, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "RDD {Lineage}: blocks went with their workers; {Computed} of {Count} are there")]
    private static partial void LogLost(ILogger logger, LineageId lineage, int computed, int count);

    private void OnMoved(int partition, string transition, PartitionState from, PartitionState to)
    {
        counts.Add(PartitionMachine, transition);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            LogMoved(logger, _lineage, partition, from.GetType().Name, to.GetType().Name, transition);
        }
    }

    private void OnWishMoved(EnsureRequest wish, string transition, string reason)
    {
        counts.Add(WishMachine, transition);
        LogWish(logger, transition == nameof(WishList.Fail) ? LogLevel.Warning : LogLevel.Debug, _lineage, wish.Job, transition, reason);
    }
}
