using System.Runtime.CompilerServices;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>
/// What an element may be. A task is none: it runs in the process that made it, nobody awaits it there, and its result is what was meant.
/// <c>Map(async x => ...)</c> compiles all the same, since <c>Rdd&lt;Task&lt;int&gt;&gt;</c> is a type like any other. So it is refused
/// where it is declared, in every mode, whether or not the elements would ever leave their task.
/// </summary>
internal static class ElementRules
{
    /// <param name="operatorName">What gives the elements, or an action's results.</param>
    /// <exception cref="ClosureNotShippableException">The type is, or holds by its declaration, something under way.</exception>
    public static void Check<T>(string operatorName)
    {
        if (Verdict<T>.Culprit is { } culprit)
        {
            throw Refusal(typeof(T), culprit, operatorName);
        }
    }

    private static ClosureNotShippableException Refusal(Type type, Type culprit, string operatorName)
    {
        var name = TypeNames.Of(type);
        var what = type == culprit ? "are" : $"hold {TypeNames.Of(culprit)} values, which are";
        (var kind, var way) = IsAsyncSequence(culprit)
            ? ("asynchronous sequences, which are not computed yet",
                "Read it inside the lambda, as with ToBlockingEnumerable(), and give its elements.")
            : ("tasks, which run in one process and hold no value yet",
                "Await it inside the lambda: take the result there with .GetAwaiter().GetResult(), or use ForeachAsync or "
                + "ForeachPartitionAsync, which await their function.");
        return new ClosureNotShippableException(
            $"{operatorName} would give values of type {name}. They {what} {kind}; an element is data. {way}", name);
    }

    /// <summary>The first type in the declaration that stands for something under way; null when there is none.</summary>
    private static Type? Find(Type type)
    {
        if (IsUnderWay(type))
        {
            return type;
        }

        if (type.HasElementType)
        {
            return Find(type.GetElementType()!);
        }

        // A function may well give a task to whoever calls it.
        return typeof(Delegate).IsAssignableFrom(type)
            ? null
            : type.GenericTypeArguments.Select(Find).FirstOrDefault(static part => part is not null);
    }

    private static bool IsUnderWay(Type type) =>
        typeof(Task).IsAssignableFrom(type)
        || typeof(INotifyCompletion).IsAssignableFrom(type)
        || typeof(IAsyncStateMachine).IsAssignableFrom(type)
        || type.IsDefined(typeof(AsyncMethodBuilderAttribute), inherit: true)
        || IsAsyncSequence(type)
        || (IsOfOthers(type) && type.GetMethod("GetAwaiter", Type.EmptyTypes) is not null);

    /// <summary>A class of the program's that is plain data may well offer its parts as a sequence.</summary>
    private static bool IsAsyncSequence(Type type) =>
        IsOfOthers(type) && type.GetInterfaces().Append(type).Any(static part =>
            part.IsConstructedGenericType && part.GetGenericTypeDefinition() is var definition
            && (definition == typeof(IAsyncEnumerable<>) || definition == typeof(IAsyncEnumerator<>)));

    private static bool IsOfOthers(Type type) => Origins.IsFramework(type.Assembly) || CompilerMade.Is(type);

    /// <summary>Looked for once per type, and kept with it.</summary>
    private static class Verdict<T>
    {
        public static readonly Type? Culprit = Find(typeof(T));
    }
}
