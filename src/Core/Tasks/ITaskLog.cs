using MicroSpark.Model;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tasks;

/// <summary>Where a worker's tasks say something. Implemented by the grain layer, which brings it home. Thread safe.</summary>
internal interface ITaskLog
{
    /// <summary>Whether what tasks write to the console is a part of it.</summary>
    bool TakesConsole { get; }

    /// <summary>Whether lines of this level count: what does not is not made.</summary>
    bool IsEnabled(LogLevel level);

    /// <param name="task">Whose line it is.</param>
    /// <param name="category">Whose logger it was, when it had a name.</param>
    /// <param name="text">Anything, by anybody's code.</param>
    void Say(TaskLabel task, LogLevel level, string? category, string text);
}

/// <summary>Which attempt at which task says something.</summary>
/// <param name="Attempt">0 for the task's first.</param>
internal readonly record struct TaskLabel(JobId Job, int Stage, int Partition, int Attempt);
