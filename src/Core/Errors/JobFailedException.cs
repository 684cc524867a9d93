namespace MicroSpark;

/// <summary>
/// A job failed for good. The user's own exception is the <see cref="Exception.InnerException"/>; the cluster stays healthy.
/// </summary>
public class JobFailedException : Exception
{
    /// <summary>Creates the exception; the engine fills the fields.</summary>
    public JobFailedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>The failed job.</summary>
    public JobId Job { get; init; }

    /// <summary>The stage, as <see cref="TaskContext.StageId"/> numbers it; -1 when no stage had begun.</summary>
    public int Stage { get; init; } = -1;

    /// <summary>The operator whose function threw, such as <c>Map</c>; null when it is not known.</summary>
    public string? Operator { get; init; }

    /// <summary>The partition whose task failed; -1 when no task was at fault.</summary>
    public int Partition { get; init; } = -1;

    /// <summary>The number of the last attempt, 0 for the first.</summary>
    public int Attempt { get; init; }

    /// <summary>The worker that ran the last attempt.</summary>
    public string? Worker { get; init; }

    /// <summary>
    /// The position in the partition's source of the element that was being worked on; null where the loop does not know it.
    /// </summary>
    public long? ElementIndex { get; init; }
}
