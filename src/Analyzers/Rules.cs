using Microsoft.CodeAnalysis;

namespace MicroSpark.Analyzers;

/// <summary>
/// The rules: what the runtime refuses or silently loses, seen while it is typed. docs/analyzers.md tells each with its way out.
/// </summary>
internal static class Rules
{
    private const string Category = "MicroSpark";

    /// <summary>Refused at run time (Spark's rule SPARK-5063).</summary>
    public static readonly DiagnosticDescriptor OnlyOnTheClient = Warning(
        "MSPARK001", "A lambda of a task uses an Rdd or the context",
        "'{0}' belongs to the program that declares the job, and a task may not use it: collect or broadcast the data before, or join the "
        + "two Rdds");

    /// <summary>Refused at run time.</summary>
    public static readonly DiagnosticDescriptor StaticField = Warning(
        "MSPARK002", "A lambda of a task touches a static variable",
        "'{0}' is static and can change: every worker has its own, which does not follow the program's. Copy it to a local variable, make "
        + "it readonly, or count with an accumulator.");

    /// <summary>Lost at run time; an assignment is warned of there too.</summary>
    public static readonly DiagnosticDescriptor LostWrite = Warning(
        "MSPARK003", "A lambda of a task changes a captured variable",
        "'{0}' is changed in the task's own copy, which is gone with the task: give the value as a result, or add to an accumulator");

    /// <summary>Lost at run time.</summary>
    public static readonly DiagnosticDescriptor ForgottenAwait = Warning(
        "MSPARK004", "An action is not awaited",
        "The job of '{0}' is started and nobody awaits it: its result and its failure are lost");

    /// <summary>Wrong at run time.</summary>
    public static readonly DiagnosticDescriptor CapturedRandom = Warning(
        "MSPARK005", "A lambda of a task uses a captured Random",
        "Each task gets a copy of '{0}', so all partitions draw the same numbers: make a Random inside, seeded by the "
        + "partition's number (MapPartitionsWithIndex), or use Sample");

    /// <summary>Works as long as the object can travel.</summary>
    public static readonly DiagnosticDescriptor CapturedThis = new(
        "MSPARK006", "A lambda of a task uses the object around it",
        "'{0}' is a member of this object, of which the task gets a copy: copy what it needs to a local variable, or make it static",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true);

    /// <summary>Refused at run time.</summary>
    public static readonly DiagnosticDescriptor AsyncElement = Warning(
        "MSPARK007", "An async lambda makes tasks of the elements",
        "{0} would give elements that are tasks, and an element is data: wait inside the lambda, or use ForeachAsync or "
        + "ForeachPartitionAsync, which await their function");

    /// <summary>Refused at run time.</summary>
    public static readonly DiagnosticDescriptor OfTheProcess = Warning(
        "MSPARK008", "A lambda of a task captures what belongs to the program's process",
        "'{0}' is a {1}, which lives in this process and cannot be sent to workers: make it inside the lambda, or once for each partition "
        + "with MapPartitions, or capture the data that it gives");

    /// <summary>Refused at run time.</summary>
    public static readonly DiagnosticDescriptor KeyByReference = Warning(
        "MSPARK009", "A key compares by reference",
        "{0} needs keys that compare by value, and {1} compares by reference: use a string, a tuple or a record of the same values");

    private static DiagnosticDescriptor Warning(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);
}
