using System.Reflection;
using System.Reflection.Emit;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>
/// A delegate as it is about to travel: checked against the rules, with the fields it needs. <see cref="DelegateReader"/> is the mirror.
/// <code>
/// method | (values of static fields) | kind of target
///   none:     nothing follows
///   whole:    the value
///   carriers: count, (type, object)*; links: count, (owner, field, object)*; then per carrier: count, field*, values
/// </code>
/// The objects come before their values. So a delegate that captures itself (a recursive lambda) exists when a value refers to it.
/// </summary>
internal readonly struct DelegateCapture
{
    public const byte NoTarget = 0;
    public const byte WholeTarget = 1;
    public const byte Carriers = 2;

    /// <summary>Before the kind of target: <see cref="StaticValues"/>.</summary>
    public const byte Statics = 3;

    private readonly object? _target;
    private readonly CaptureGraph? _graph;
    private readonly string _lambda;
    private readonly LocalTimeUse? _localTime;
    private readonly StaticValues? _statics;

    private DelegateCapture(
        MethodInfo method, object? target, CaptureGraph? graph, string lambda, bool isShareable, LocalTimeUse? localTime,
        StaticValues? statics)
    {
        _localTime = localTime;
        _statics = statics;
        Method = method;
        _target = target;
        _graph = graph;
        _lambda = lambda;
        IsShareable = isShareable && statics is not { IsShareable: false };
    }

    public MethodInfo Method { get; }

    /// <summary>Whether tasks may use one instance together, because none of them can change what it captured.</summary>
    public bool IsShareable { get; }

    /// <summary>Checks everything that can be checked before a value is written.</summary>
    /// <param name="lambda">How messages name it, such as <c>Map: the lambda</c>.</param>
    /// <param name="isDeclared">Whether it is encoded once, when it is declared, and not again for each job.</param>
    /// <exception cref="ClosureNotShippableException">A rule is broken.</exception>
    public static DelegateCapture Of(Delegate function, string lambda, bool isDeclared = true)
    {
        var method = ShippingRules.MethodOf(function, lambda);
        var analysis = ClosureAnalyzer.Analyze(method);
        var statics = StaticValues.Of(method, analysis, lambda, isDeclared);
        var localTime = statics is null ? analysis.LocalTime : LocalTimeRule.Find(OwnPath.Of(method), statics.Fields);
        ShippingRules.CheckAsyncVoid(analysis, lambda);
        ClosureWarnings.CheckWritten(analysis, method, lambda);
        if (function.Target is not { } target)
        {
            return new DelegateCapture(method, null, null, lambda, isShareable: true, localTime, statics);
        }

        var graph = CaptureGraph.Of(
            target, analysis.Target, (value, path) => ShippingRules.CheckValue(value, path, method, lambda));
        return new DelegateCapture(
            method, target, graph, lambda, graph is { IsShareable: true } && !analysis.Writes, localTime, statics);
    }

    public void Write(ref ValueWriter writer)
    {
        if (_localTime is not null && writer.State.Capture is { } context)
        {
            context.LocalTime ??= _localTime.ToString();
        }

        try
        {
            MethodReference.Write(ref writer, Method);
        }
        catch (NotEncodableException error)
        {
            throw ShippingRules.Refuse(_lambda, Method, DisplayNames.Of(Method), error.Reason, error);
        }

        if (_statics is not null)
        {
            writer.WriteByte(Statics);
            _statics.Write(ref writer, _target is not null);
        }

        if (_target is null)
        {
            writer.WriteByte(NoTarget);
        }
        else if (_graph is null)
        {
            writer.WriteByte(WholeTarget);
            WriteWhole(ref writer, _target);
        }
        else
        {
            writer.WriteByte(Carriers);
            WriteCarriers(ref writer, _graph.Carriers);
        }
    }

    private void WriteWhole(ref ValueWriter writer, object target)
    {
        try
        {
            writer.WriteValue(in target);
        }
        catch (NotEncodableException error)
        {
            var root = CompilerMade.Is(Method) || !SharedCode.Has(target.GetType().Assembly) ? "this" : TypeNames.Of(target.GetType());
            var path = error.Path.Length > 0 ? $"{root}.{error.Path}" : error.Below(root, target).Path;
            var because = ShippingRules.Because(ClosureAnalyzer.Analyze(Method).Target.VirtualCall);
            throw ShippingRules.Refuse(_lambda, Method, path, error.Reason + because, error);
        }
    }

    private void WriteCarriers(ref ValueWriter writer, List<CaptureGraph.Carrier> carriers)
    {
        writer.WriteVarint((uint)carriers.Count);
        foreach (var carrier in carriers)
        {
            writer.WriteCodeType(carrier.Target.GetType());
            ObjectCodec.WriteFields(ref writer, carrier.Target, []);
        }

        writer.WriteVarint((uint)carriers.Sum(carrier => carrier.Links.Count));
        foreach (var carrier in carriers)
        {
            foreach ((var field, var linked) in carrier.Links)
            {
                writer.WriteVarint((uint)carrier.Index);
                FieldNumber.Write(ref writer, carrier.Target.GetType(), field);
                writer.WriteVarint((uint)linked.Index);
            }
        }

        foreach (var carrier in carriers)
        {
            FieldInfo[] fields = [.. carrier.Values];
            writer.WriteVarint((uint)fields.Length);
            foreach (var field in fields)
            {
                FieldNumber.Write(ref writer, carrier.Target.GetType(), field);
            }

            try
            {
                ObjectCodec.WriteFields(ref writer, carrier.Target, fields);
            }
            catch (NotEncodableException error)
            {
                throw ShippingRules.Refuse(
                    _lambda, Method, CapturePath.Of(carrier.Path, fields, error.Path),
                    error.Reason + ShippingRules.Because(CallBehind(carrier, fields, error.Path)), error);
            }
        }
    }

    /// <summary>The virtual call that made a field of a value travel; null when there was none, or the value itself was refused.</summary>
    private static MethodBase? CallBehind(CaptureGraph.Carrier carrier, FieldInfo[] fields, string refused) =>
        CapturePath.FieldOf(fields, refused) is { } field && refused.Length > TypeNames.Of(field).Length
            ? carrier.VirtualCalls.GetValueOrDefault(field)
            : null;
}
