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
        var type = FindType(failure.TypeName);
        if (Decode(failure, type) is { } whole)
        {
            return failure.StackTrace is { } trace && whole.StackTrace is null
                ? ExceptionDispatchInfo.SetRemoteStackTrace(whole, trace)
                : whole;
        }

        var inner = failure.Inner is null ? null : Rebuild(failure.Inner);
        Exception rebuilt;
        if (type is not null)
        {
            rebuilt = (Exception)RuntimeHelpers.GetUninitializedObject(type);
            s_message.SetValue(rebuilt, failure.Message);
            s_inner.SetValue(rebuilt, inner);

            // Without such a list the messages of AggregateException and its like cannot be read.
            foreach (var field in TypeFields.Of(type).Where(static field => field.FieldType == typeof(Exception[])))
            {
                field.SetValue(rebuilt, inner is null ? Array.Empty<Exception>() : [inner]);
            }
        }
        else
        {
            rebuilt = new RemoteException(failure.TypeName, failure.Message, failure.StackTrace);
            s_inner.SetValue(rebuilt, inner);
        }

        return failure.StackTrace is { } stack ? ExceptionDispatchInfo.SetRemoteStackTrace(rebuilt, stack) : rebuilt;
    }

    /// <summary>The exception with its own fields; null when it did not travel or this program does not have its type.</summary>
    private static Exception? Decode(TaskFailure failure, Type? type)
    {
        if (failure.EncodedException is null || type is null)
        {
            return null;
        }

        try
        {
            // The report has a name and a content, which need not be of one type.
            var error = ValueCodec.Decode<Exception>(failure.EncodedException, CodeSpace.Process);
            return error.GetType() == type && IsSound(error, new(ReferenceEqualityComparer.Instance)) ? error : null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The program has another version of the type, or the bytes are made up: a list inside lacks what its constructor would have
            // put there, a key's own hash throws. Nothing of it may hide the failure, whose name, message and stack are still at hand.
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
            && (error is not AggregateException { InnerExceptions: var all } || all.All(inner => IsSound(inner, open)))
            && (error is not ReflectionTypeLoadException { LoaderExceptions: var failed }
                || failed.All(load => load is null || IsSound(load, open)));
        open[error] = false;
        return isSound;
    }

    private static bool IsKnown(Type type) => IsKnown(type.Assembly) && DataTypes.RefusalOf(type) is null;

    private static bool IsKnown(Assembly assembly) => SharedCode.Has(assembly) || AssemblyGraph.IsOfProgram(assembly);

    private static Type? FindType(string name)
    {
        // A program given to `submit` has a load context of its own. What was shipped here for workers of this process is not the
        // program's.
        var assemblies = Array.FindAll(
            AppDomain.CurrentDomain.GetAssemblies(), assembly => AssemblyLoadContext.GetLoadContext(assembly) is not ShippedLoadContext);
        foreach (var assembly in assemblies)
        {
            if (FindType(name, assembly, assemblies) is { IsAbstract: false, ContainsGenericParameters: false } type &&
                type.IsSubclassOf(typeof(Exception)) && IsKnown(type))
            {
                return type;
            }
        }

        return name == typeof(Exception).FullName ? typeof(Exception) : null;
    }

    /// <summary>
    /// Type arguments in a name say of which assembly they are. Left to itself, reflection would load it: they are looked for among those
    /// that are here.
    /// </summary>
    private static Type? FindType(string name, Assembly assembly, Assembly[] assemblies)
    {
        try
        {
            return Type.GetType(
                name, wanted => Array.Find(assemblies, other => other.GetName().Name == wanted.Name && IsKnown(other)),
                (of, simple, _) => (of ?? assembly).GetType(simple, throwOnError: false), throwOnError: false);
        }
        catch (Exception e) when (e is ArgumentException or TypeLoadException or IOException or BadImageFormatException)
        {
            // It is no name, or what it names cannot be made.
            return null;
        }
    }

    private static FieldInfo FieldOf(string name) =>
        typeof(Exception).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic) ??
        throw new MissingFieldException(nameof(Exception), name);
}
