using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace MicroSpark.Codecs;

/// <summary>
/// Goes on with a deep graph (a linked list of 100,000 nodes) on a further thread when this one's stack is nearly used up. The caller
/// waits, so that all is as if it were one stack.
/// </summary>
internal static unsafe class DeepStack
{
    private const int StackBytes = 16 << 20;

    /// <summary>A graph that needs more stacks (several million levels) is an error: its author would rather know.</summary>
    private const int MaxThreads = 64;

    [ThreadStatic]
    private static int t_level;

    public static void Write(ref ValueWriter writer, Codec codec, object value)
    {
        if (t_level >= MaxThreads)
        {
            throw new NotEncodableException(
                "", $"objects are nested deeper than {MaxThreads} stacks of {StackBytes >> 20} MB hold. Keep them in a list.", value);
        }

        // This thread waits, so the writer stays in its place on the thread's stack. A pointer to it is good until the wait ends.
        var at = (nint)Unsafe.AsPointer(ref writer);
        Run(() => codec.WriteContent(ref Unsafe.AsRef<ValueWriter>((void*)at), value));
    }

    public static object Read(ref ValueReader reader, Codec codec)
    {
        if (t_level >= MaxThreads)
        {
            throw ValueReader.Corrupt($"objects are nested deeper than {MaxThreads} stacks of {StackBytes >> 20} MB hold");
        }

        var at = (nint)Unsafe.AsPointer(ref reader);
        object? value = null;
        Run(() => value = codec.ReadContent(ref Unsafe.AsRef<ValueReader>((void*)at)));
        return value!;
    }

    private static void Run(Action action)
    {
        var level = t_level + 1;
        ExceptionDispatchInfo? error = null;
        Thread thread = new(
            () =>
            {
                t_level = level;
                try
                {
                    action();
                }
                catch (Exception caught)
                {
                    error = ExceptionDispatchInfo.Capture(caught);
                }
            },
            StackBytes)
        {
            IsBackground = true,
            Name = "MicroSpark deep value",
        };
        thread.Start();
        thread.Join();
        error?.Throw();
    }
}
