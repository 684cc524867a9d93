using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using MicroSpark.Closures;
using MicroSpark.Code;

namespace MicroSpark.Stages.Selecting;

/// <summary>
/// A function whose last act is <c>return source.Select(selector)</c>, or to return what another method of its assembly returns in this
/// way. The loop runs a copy of it with another end. From an array or a list the selected elements go straight into the loop's buffer,
/// without an iterator, a delegate, or a call for each element. This is deforestation (Wadler, "Deforestation: transforming programs to
/// eliminate trees", 1990) of the one tree that C# users build most.
/// <code>
/// IEnumerable&lt;R&gt; copy(arguments, FlatMapBuffer&lt;R&gt; buffer)
///     ...the function's own instructions...
///     if (!from.TryOpen(source)) return source.Select(selector);
///     for (i = 0; i &lt; from.Items.Length; i++) room[i] = selector(from.Items[i]);
///     return buffer.Selected(i);
/// </code>
/// </summary>
/// <remarks>
/// The user's code runs in the order in which LINQ would have run it. Two differences can be seen. More elements are selected before the
/// first is taken, see <see cref="SelectSource{S}"/>. Frames of these methods in a stack trace have no line. A method that is marked
/// <c>NoInlining</c> is never copied.
/// </remarks>
internal sealed class SelectCall
{
    // Keyed weakly: a user's method and the result of its search are collected together.
    private static readonly ConditionalWeakTable<MethodInfo, StrongBox<SelectCall?>> s_known = [];

    public SelectCall(MethodInfo method, IlCode code) => (Method, Code) = (method, code);

    public MethodInfo Method { get; }

    public IlCode Code { get; }

    /// <summary>The ends that are replaced, by the number of the first instruction of each.</summary>
    public Dictionary<int, SelectTail> Tails { get; } = [];

    /// <summary>
    /// Null when the function has another end, uses something that a copy cannot, or is built for debugging. Then it is called as it is.
    /// </summary>
    public static SelectCall? Of(MethodInfo method) => s_known.GetValue(
        method, static method =>
            new StrongBox<SelectCall?>(DebugBuild.Is(method.Module.Assembly) ? null : new SelectSearch().Find(method))).Value;

    /// <summary>
    /// Makes the copy: it takes the function's own target and arguments, then a <see cref="FlatMapBuffer{T}"/> of what it selects. Null
    /// when that is another type.
    /// </summary>
    public DynamicMethod? TryCompile(Type elementType) =>
        Method.ReturnType == typeof(IEnumerable<>).MakeGenericType(elementType) ? new SelectEmitter(elementType).CopyOf(this) : null;
}

/// <summary>An end of a function.</summary>
/// <param name="Called"><c>Enumerable.Select</c>, or a method that ends with it.</param>
/// <param name="Selector">What it selects by, when that is known; otherwise a delegate is on the stack.</param>
/// <param name="OwnsVariables">Whether nobody else has the object of captured variables that the selector is called on.</param>
/// <param name="Callee">The method that ends with it.</param>
internal sealed record SelectTail(MethodInfo Called, MethodInfo? Selector = null, bool OwnsVariables = false, SelectCall? Callee = null);
