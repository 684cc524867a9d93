using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Grains.Contracts;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Jobs;

/// <summary>Turns what the cluster says of a failure into what the program throws.</summary>
internal static class RemoteErrors
{
    /// <summary>Errors inside one that are looked at, and followed down.</summary>
    private const int MostErrors = 1000;

    private static readonly FieldInfo s_message = FieldOf("_message");
    private static readonly FieldInfo s_inner = FieldOf("_innerException");

    public static Exception Of(JobId job, JobError error) => error.Unavailable
        ? new ClusterUnavailableException(error.Message)
        : new JobFailedException(error.Message, error.Failure is null ? null : Rebuild(error.Failure))
        {
            Job = job,
            Stage = error.Stage ?? -1,
            Operator = error.Operator,
            Partition = error.Partition ?? -1,
            Attempt = error.Attempt,
            Worker = error.Worker?.Value,
            ElementIndex = error.Failure?.ElementIndex,
        };

    /// <summary>
    /// An exception of the framework's or the program's own type, with the worker's message and stack, and those of its fields that are
    /// data. No code of the type runs and nothing is loaded for it. Whoever made the report chose the type: one that the program does not
    /// reference comes as a <see cref="RemoteException"/>.
    /// </summary>
    public static Exception Rebuild(TaskFailure failure)
    {
        if (Decode(failure) is { } whole)
        {
            return failure.StackTrace is { } trace && whole.StackTrace is null
                ? ExceptionDispatchInfo.SetRemoteStackTrace(whole, trace)
                : whole;
        }

        var inner = failure.Inner is null ? null : Rebuild(failure.Inner);
        Exception rebuilt;
        if (FindType(failure.TypeName) is { } type)
        {
            rebuilt = (Exception)RuntimeHelpers.GetUninitializedObject(type);
            s_message.SetValue(rebuilt, failure.Message);
            s_inner.SetValue(rebuilt, inner);
        }
        else
        {
            rebuilt = new RemoteException(failure.TypeName, failure.Message, failure.StackTrace);
            s_inner.SetValue(rebuilt, inner);
        }

        return failure.StackTrace is { } stack ? ExceptionDispatchInfo.SetRemoteStackTrace(rebuilt, stack) : rebuilt;
    }

    /// <summary>The exception with its own fields; null when it did not travel or this program does not have its type.</summary>
    private static Exception? Decode(TaskFailure failure)
    {
        if (failure.EncodedException is null || FindType(failure.TypeName) is null)
        {
            return null;
        }

        try
        {
            // The report has a name and a content, which need not be of one type.
            var error = ValueCodec.Decode<Exception>(failure.EncodedException, CodeSpace.Process);
            return error.GetType() == FindType(failure.TypeName) && IsSound(error, new(ReferenceEqualityComparer.Instance)) ? error : null;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or ArgumentNullException or NullReferenceException)
        {
            // The program has another version of the type, or a list inside lacks what its constructor would have put there. The name, the
            // message and the stack are still at hand.
            return null;
        }
    }

    /// <summary>
    /// Whether the program has the types of an error and of all that are inside it, and none is inside itself: whoever prints it follows
    /// them down.
    /// </summary>
    /// <param name="open">The errors met so far; true for those around this one.</param>
    private static bool IsSound(Exception? error, Dictionary<Exception, bool> open)
    {
        if (error is null || open.Count == MostErrors || !IsKnown(error.GetType()))
        {
            return false;
        }

        if (!open.TryAdd(error, true))
        {
            return !open[error];
        }

        var isSound = (error.InnerException is null || IsSound(error.InnerException, open))
            && (error is not AggregateException { InnerExceptions: var all } || all.All(inner => IsSound(inner, open)));
        open[error] = false;
        return isSound;
    }

    private static bool IsKnown(Type type) =>
        (SharedCode.Has(type.Assembly) || AssemblyGraph.IsOfProgram(type.Assembly)) && DataTypes.RefusalOf(type) is null;

    private static Type? FindType(string name)
    {
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            // A program given to `submit` has a load context of its own. What was shipped here for workers of this process is not the
            // program's.
            if (AssemblyLoadContext.GetLoadContext(assembly) is not ShippedLoadContext &&
                assembly.GetType(name, throwOnError: false) is { IsAbstract: false, ContainsGenericParameters: false } type &&
                type.IsSubclassOf(typeof(Exception)) && IsKnown(type))
            {
                return type;
            }
        }

        return name == typeof(Exception).FullName ? typeof(Exception) : null;
    }

    private static FieldInfo FieldOf(string name) =>
        typeof(Exception).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic) ??
        throw new MissingFieldException(nameof(Exception), name);
}
