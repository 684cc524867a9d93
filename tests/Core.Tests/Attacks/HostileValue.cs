using System.Buffers;
using System.Collections;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Attacks;

/// <summary>
/// Values that no honest writer writes: an object of the framework or of the program that acts by itself, somewhere inside plain ones. Each
/// is what follows where any object is declared.
/// </summary>
internal static class HostileValue
{
    /// <summary>Writes one value as a field of type object would be.</summary>
    public delegate void Part(ref ValueWriter writer);

    /// <summary>Types whose objects act when they are made, compared, hashed, formatted, disposed or forgotten.</summary>
    private static readonly Type[] s_types =
    [
        typeof(Lazy<int>), typeof(Lazy<Func<int>>), typeof(Process), typeof(ProcessStartInfo), typeof(FileStream), typeof(FileInfo),
        typeof(MemoryStream), typeof(StreamWriter), typeof(Microsoft.Win32.SafeHandles.SafeFileHandle), typeof(GCHandle), typeof(SafeHandle),
        typeof(WeakReference), typeof(WeakReference<string>), typeof(Thread), typeof(ThreadLocal<int>), typeof(AsyncLocal<int>),
        typeof(Timer), typeof(Task), typeof(Task<int>), typeof(TaskCompletionSource<int>), typeof(CancellationTokenSource),
        typeof(CancellationToken), typeof(MethodInfo), typeof(FieldInfo), typeof(Assembly), typeof(Module), typeof(RuntimeMethodHandle),
        typeof(RuntimeTypeHandle), typeof(System.Reflection.Emit.DynamicMethod), typeof(AppDomain), typeof(HttpClient),
        typeof(System.Net.Sockets.Socket), typeof(System.ComponentModel.BackgroundWorker), typeof(System.Data.DataSet),
        typeof(System.Security.Cryptography.X509Certificates.X509Certificate2), typeof(System.Xml.XmlDocument), typeof(Hashtable),
        typeof(ArrayList), typeof(List<int>.Enumerator), typeof(IEnumerator<int>), typeof(System.Linq.Expressions.Expression),
        typeof(Action), typeof(Func<string, int>), typeof(Comparison<string>), typeof(EventHandler), typeof(Delegate), typeof(MulticastDelegate),
        typeof(Finalizable), typeof(InheritsFinalizer), typeof(Owner), typeof(MicroSpark.Memory.SpillFolder), typeof(CodeSpace),
        typeof(MicroSpark.Engine.WorkerEngine), typeof(Rdd<int>), .. Internal(),
    ];

    /// <summary>A class of the program's with a finalizer: made without its constructor, it would run nevertheless.</summary>
    internal class Finalizable
    {
        public static int Finalized;

        public string Path = "";

        ~Finalizable() => Interlocked.Increment(ref Finalized);
    }

    internal sealed class InheritsFinalizer : Finalizable;

    internal sealed class Owner : IDisposable
    {
        public static int Disposed;

        public void Dispose() => Interlocked.Increment(ref Disposed);
    }

    /// <summary>A comparer of the program's own is data, but for the function in it.</summary>
    internal sealed class RuleComparer(Func<string?, int> rule) : IEqualityComparer<string?>, IComparer<string?>
    {
        public bool Equals(string? x, string? y) => rule(x) == rule(y);

        public int GetHashCode(string? text) => rule(text);

        public int Compare(string? x, string? y) => rule(x) - rule(y);
    }

    internal sealed class RuleException(Func<string?, int> rule, object? held) : Exception("rule")
    {
        public Func<string?, int> Rule { get; } = rule;

        public object? Held { get; } = held;
    }

    /// <summary>Whether <see cref="Act"/> was called: a function that data has brought.</summary>
    public static bool HasActed
    {
        get => AppContext.GetData(nameof(HostileValue)) is not null;
        set => AppContext.SetData(nameof(HostileValue), value ? "" : null);
    }

    /// <summary>All objects that act, alone.</summary>
    public static IEnumerable<(string Name, Part Part)> Gadgets()
    {
        foreach (var type in s_types)
        {
            foreach (var filler in (byte[])[0, 1, 3])
            {
                yield return ($"{type} {filler}", OfType(type, filler));
            }
        }

        var act = Act;
        foreach (var value in (object[])
            [
                act, new Func<string?, int>[] { act }, (Comparison<string?>)((_, _) => Act(null)), EqualityComparer<string?>.Create((_, _) => true, Act),
                Comparer<string?>.Create((_, _) => Act(null)), new RuleComparer(Act), new List<object> { act }, (1, act), new Dictionary<string, Delegate> { ["a"] = act },
            ])
        {
            yield return (value.GetType().ToString(), Real(value));
        }

        foreach (var comparer in (object[])[EqualityComparer<string?>.Create((_, _) => true, Act), Comparer<string?>.Create((_, _) => Act(null)), new RuleComparer(Act)])
        {
            foreach (var collection in OfComparer(comparer))
            {
                yield return ($"{collection.GetType()} by {comparer.GetType()}", Real(collection));
            }
        }
    }

    /// <summary>Plain values around another one: a list, a key, a comparer, an error's field.</summary>
    public static IEnumerable<(string Name, Func<Part, Part> Around)> Wrappers()
    {
        yield return ("array", static inner => Object(typeof(object[]), (ref ValueWriter writer) =>
        {
            writer.WriteVarint(2);
            writer.WriteByte(Header.Null);
            inner(ref writer);
        }));
        yield return ("list", static inner => Object(typeof(List<object>), (ref ValueWriter writer) =>
        {
            writer.WriteVarint(1);
            inner(ref writer);
        }));
        yield return ("tuple", static inner => Object(typeof((int, object)), (ref ValueWriter writer) =>
        {
            writer.WriteValue(1);
            inner(ref writer);
        }));
        yield return ("value of a dictionary", static inner => Object(typeof(Dictionary<string, object>), (ref ValueWriter writer) =>
        {
            writer.WriteByte(Header.Null);
            writer.WriteVarint(1);
            writer.WriteString("key");
            inner(ref writer);
        }));
        foreach (var type in (Type[])[typeof(Dictionary<object, object>), typeof(SortedDictionary<object, object>)])
        {
            yield return ($"key of a {type.Name}", inner => Object(type, (ref ValueWriter writer) =>
            {
                writer.WriteByte(Header.Null);
                writer.WriteVarint(1);
                inner(ref writer);
                writer.WriteByte(Header.Null);
            }));
        }

        foreach (var type in (Type[])
            [
                typeof(Dictionary<string, int>), typeof(HashSet<string>), typeof(SortedSet<string>), typeof(SortedDictionary<string, int>),
                typeof(SortedList<string, int>), typeof(PriorityQueue<int, string>), typeof(System.Collections.Concurrent.ConcurrentDictionary<string, int>),
                typeof(System.Collections.Frozen.FrozenSet<string>), typeof(System.Collections.Immutable.ImmutableHashSet<string>),
                typeof(OrderedDictionary<string, int>), typeof(Lookup<string, int>),
            ])
        {
            yield return ($"comparer of a {type.Name}", inner => Object(type, (ref ValueWriter writer) =>
            {
                inner(ref writer);
                writer.WriteVarint(0);
            }));
        }

        yield return ("field of an error", static inner => Object(typeof(RuleException), (ref ValueWriter writer) =>
        {
            foreach (var text in (string?[])["message", "stack", null, null])
            {
                writer.WriteString(text);
            }

            writer.WriteVarint(0);
            writer.WriteByte(Header.Null);
            writer.WriteByte(0); // the rule was left behind
            writer.WriteByte(2); // a field that was written apart
            var held = Encode(inner);
            writer.WriteVarint((uint)held.Length);
            writer.WriteBytes(held);
        }));
        yield return ("what a view stands on", static inner => Object(typeof(System.Collections.ObjectModel.ReadOnlyDictionary<string, int>), inner));
        yield return ("field of the program's", static inner => Object(typeof(Codecs.Node), (ref ValueWriter writer) =>
        {
            foreach (var field in TypeFields.Of(typeof(Codecs.Node)))
            {
                if (field.FieldType == typeof(object))
                {
                    inner(ref writer);
                }
                else
                {
                    CodecOf.DeclaredAs(field.FieldType).WriteBoxed(ref writer, field.FieldType.IsValueType ? Activator.CreateInstance(field.FieldType) : null);
                }
            }
        }));
    }

    public static byte[] Encode(Part part)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ValueWriter(output, CodeSpace.Process, ClosureFunctions.Instance);
        try
        {
            part(ref writer);
            writer.Flush();
            return output.WrittenSpan.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>A value that the writer of plans writes.</summary>
    public static Part Real(object value) => (ref ValueWriter writer) => writer.WriteValue<object>(value);

    /// <summary>An object that is said to be of the type, and bytes that may be anything.</summary>
    public static Part OfType(Type type, byte filler) => Object(type, (ref ValueWriter writer) => writer.WriteBytes(Enumerable.Repeat(filler, 24).ToArray()));

    // No static field of its own: a lambda that touches one is refused before it travels.
    private static int Act(string? text)
    {
        HasActed = true;
        return 0;
    }

    private static IEnumerable<object> OfComparer(object comparer)
    {
        if (comparer is IEqualityComparer<string?> equality)
        {
            yield return new Dictionary<string, int>(equality!) { ["a"] = 1 };
            yield return new HashSet<string?>(equality) { "a" };
        }

        if (comparer is IComparer<string?> order)
        {
            yield return new SortedSet<string?>(order) { "a" };
            yield return new PriorityQueue<int, string?>([(1, "a"), (2, "b")], order);
        }
    }

    private static Part Object(Type type, Part content) => (ref ValueWriter writer) =>
    {
        writer.WriteByte(Header.Other);
        writer.WriteCodeType(type);
        content(ref writer);
    };

    private static Type[] Internal() =>
    [
        typeof(object).Assembly.GetType("System.Collections.Generic.ComparisonComparer`1", throwOnError: true)!.MakeGenericType(typeof(string)),
        typeof(object).Assembly.GetType("System.Collections.Generic.DelegateEqualityComparer`1", throwOnError: true)!.MakeGenericType(typeof(string)),
    ];
}
