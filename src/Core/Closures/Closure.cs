using System.Buffers;
using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;

namespace MicroSpark.Closures;

/// <summary>
/// A lambda as it was when its operator was declared: the method, and the encoded values of the fields that the method reads.
/// Every task works on an instance of its own.
/// </summary>
internal abstract class Closure
{
    /// <summary>The self-contained encoding: equal for the same method with equal captured values. Hashed into the lineage id.</summary>
    public abstract ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The user assemblies (roots; without their references) that a worker needs to run the lambda.</summary>
    public abstract IReadOnlyList<AssemblyId> Assemblies { get; }

    /// <summary>The blobs that captured values refer to, such as broadcasts. Empty for a closure that was read from its encoding.</summary>
    public abstract IReadOnlyList<PlanBlob> Blobs { get; }

    /// <summary>Whether an accumulator is among the captured values. False for a closure that was read from its encoding.</summary>
    public abstract bool Counts { get; }

    /// <summary>
    /// False when the lambda cannot be named by content (e.g. it holds data too large to hash): its recipe gets a unique id.
    /// </summary>
    public abstract bool HasStableIdentity { get; }

    /// <summary>The lambda's method, for the stage compiler and for error texts.</summary>
    public abstract MethodInfo Method { get; }

    /// <summary>How errors name the lambda, such as <c>Program.Main lambda (Program.cs:12)</c> or <c>Program.Parse</c>.</summary>
    public abstract string DisplayName { get; }
}

/// <inheritdoc />
internal sealed class Closure<TDelegate> : Closure
    where TDelegate : Delegate
{
    /// <summary>Beyond this a recipe is not worth hashing.</summary>
    private const int LargestIdentity = 64 << 20;

    private const byte OwnInstances = 0;
    private const byte SharedInstance = 1;

    private readonly CodeSpace _space;
    private readonly bool _isShareable;
    private TDelegate? _shared;
    private string? _displayName;

    private Closure(
        ReadOnlyMemory<byte> encoded,
        CodeSpace space,
        MethodInfo method,
        IReadOnlyList<AssemblyId> assemblies,
        CaptureContext? context)
    {
        Encoded = encoded;
        _space = space;
        _isShareable = encoded.Span[0] == SharedInstance;
        Method = method;
        Assemblies = assemblies;
        Blobs = context?.Blobs ?? [];
        Counts = context?.Counts ?? false;
        HasStableIdentity = context is not { HasStableIdentity: false } && encoded.Length <= LargestIdentity;
    }

    public override ReadOnlyMemory<byte> Encoded { get; }

    public override IReadOnlyList<AssemblyId> Assemblies { get; }

    public override IReadOnlyList<PlanBlob> Blobs { get; }

    public override bool Counts { get; }

    public override bool HasStableIdentity { get; }

    public override MethodInfo Method { get; }

    public override string DisplayName => _displayName ??= DisplayNames.Of(Method);

    /// <summary>Takes the captured values now and checks that all of it can travel.</summary>
    /// <exception cref="ClosureNotShippableException">Something cannot; the message has the field's path and the way out.</exception>
    public static Closure<TDelegate> Capture(TDelegate function, string operatorName, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(function, parameterName);
        var context = new CaptureContext(operatorName, parameterName);
        var output = new ArrayBufferWriter<byte>();
        var writer = new ValueWriter(output, CodeSpace.Process, ClosureFunctions.Instance);
        try
        {
            writer.State.Capture = context;
            var capture = DelegateCapture.Of(function, $"{operatorName}: the lambda '{parameterName}'");
            writer.WriteByte(capture.IsShareable ? SharedInstance : OwnInstances);
            capture.Write(ref writer);
            writer.Flush();
            var closure = new Closure<TDelegate>(
                output.WrittenMemory, CodeSpace.Process, capture.Method, [.. writer.Assemblies.Union(context.Assemblies)], context);
            ClosureWarnings.CheckSize(closure.Method, closure.Encoded.Length, operatorName);
            ClosureWarnings.CheckOptimised(closure.Method, operatorName);
            return closure;
        }
        catch (AssemblyNotShippableException error)
        {
            throw new ClosureNotShippableException(
                $"{operatorName}: the lambda '{parameterName}' cannot be sent to workers: {error.Message}", error.AssemblyName, error);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Reads what <see cref="Encoded"/> holds, on a worker. The assemblies are already in <paramref name="space"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    public static Closure<TDelegate> FromEncoded(ReadOnlyMemory<byte> encoded, CodeSpace space)
    {
        var reader = new ValueReader(encoded.Span, space, ClosureFunctions.Instance);
        try
        {
            if (reader.ReadByte() is not (OwnInstances or SharedInstance))
            {
                throw ValueReader.Corrupt("it is no lambda");
            }

            return new Closure<TDelegate>(encoded, space, MethodReference.Read(ref reader), [], context: null);
        }
        finally
        {
            reader.Dispose();
        }
    }

    /// <summary>A delegate over a fresh copy of the captured values. Cheap: called once per task.</summary>
    public TDelegate CreateInstance()
    {
        if (!_isShareable)
        {
            return Read();
        }

        // Two threads may both make one; either will do.
        return _shared ??= Read();
    }

    private TDelegate Read()
    {
        var reader = new ValueReader(Encoded.Span, _space, ClosureFunctions.Instance);
        try
        {
            _ = reader.ReadByte();
            var function = (TDelegate)DelegateReader.Read(ref reader, typeof(TDelegate));
            reader.Complete();
            return function;
        }
        finally
        {
            reader.Dispose();
        }
    }
}
