using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Codecs;

/// <summary>
/// A value that wants to know when a lambda takes it along: a broadcast names its blob, an accumulator checks that it is registered.
/// It is asked wherever it is met, in a captured variable or deep inside a captured value.
/// </summary>
internal interface IShippable
{
    /// <summary>Called while the lambda's values are written, before the value itself is.</summary>
    void OnCapture(CaptureContext context);
}

/// <summary>One lambda's capture: its purpose, and the needs of the captured values beyond their bytes.</summary>
internal sealed class CaptureContext(string operatorName, string parameterName)
{
    private readonly List<PlanBlob> _blobs = [];
    private readonly List<AssemblyId> _assemblies = [];

    public string OperatorName { get; } = operatorName;

    public string ParameterName { get; } = parameterName;

    /// <summary>Blobs that a worker needs before the lambda runs.</summary>
    public IReadOnlyList<PlanBlob> Blobs => _blobs;

    /// <summary>User assemblies of values that travel apart from the lambda.</summary>
    public IReadOnlyList<AssemblyId> Assemblies => _assemblies;

    /// <summary>Whether an accumulator was captured: tasks that run the lambda have something to tell.</summary>
    public bool Counts { get; set; }

    /// <summary>The first call on the lambda's way that depends on the process's time zone, as refusals name it; null for none.</summary>
    public string? LocalTime { get; set; }

    /// <summary>False once something captured has no name by content.</summary>
    public bool HasStableIdentity { get; private set; } = true;

    public void Need(PlanBlob blob)
    {
        if (!_blobs.Exists(known => known.Name == blob.Name))
        {
            _blobs.Add(blob);
        }
    }

    public void Need(IEnumerable<AssemblyId> assemblies) => _assemblies.AddRange(assemblies.Except(_assemblies));

    public void MakeUnstable() => HasStableIdentity = false;

    /// <summary>
    /// Refuses a captured value; the way to it is found by whoever knows the root. For use as <c>throw context.Refuse(...)</c>.
    /// </summary>
    /// <param name="reason">The end of a sentence about the value, and the way out: "it was never registered. Call ...".</param>
    public static Exception Refuse(object value, string reason) => new NotEncodableException("", reason, value);
}

/// <summary>
/// Values of captured fields that travel as something else, by rules of rooms above: the type that is declared is one of the program's, and
/// what stands in for the value on a worker is not. A rule is asked for the fields of which a lambda is made, not inside their values.
/// </summary>
internal static class CapturedValues
{
    private static Func<object, Type, object>[] s_rules = [];

    /// <param name="rule">Gives what travels for a value in a field of this type: the value itself when it has no say.</param>
    public static void Add(Func<object, Type, object> rule)
    {
        lock (typeof(CapturedValues))
        {
            Volatile.Write(ref s_rules, [.. s_rules, rule]);
        }
    }

    /// <summary>What a worker gets for the value of a captured field.</summary>
    public static object? Of(object? value, Type declared)
    {
        if (value is not null)
        {
            foreach (var rule in Volatile.Read(ref s_rules))
            {
                value = rule(value, declared);
            }
        }

        return value;
    }
}
