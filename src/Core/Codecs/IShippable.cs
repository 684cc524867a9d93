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
