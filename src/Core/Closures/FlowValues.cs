using System.Reflection;

namespace MicroSpark.Closures;

/// <summary>Where a followed object comes from.</summary>
internal abstract class FlowSite(int id)
{
    public int Id { get; } = id;
}

/// <summary>An object that was captured: the lambda's target, or what a path of fields leads to from there.</summary>
internal sealed class CapturedSite(int id, int depth, string path) : FlowSite(id)
{
    public int Depth { get; } = depth;

    /// <summary>How the source names it.</summary>
    public string Path { get; } = path;

    /// <summary>The first virtual call of it that could not be followed.</summary>
    public MethodBase? VirtualCall { get; set; }

    public bool All { get; set; }

    public Dictionary<FieldPlace, (FieldInfo Field, CapturedSite Site)> Fields { get; } = [];

    public FieldNeeds ToNeeds() =>
        !All ? new FieldNeeds(
            false,
            [
                .. Fields.Values.OrderBy(entry => entry.Field, Comparer<FieldInfo>.Create(FieldNeeds.Compare))
                    .Select(entry => (entry.Field, entry.Site.ToNeeds())),
            ])
        : VirtualCall is null ? FieldNeeds.Everything
        : new FieldNeeds(true, [], VirtualCall);
}

/// <summary>All objects of one class that the compiler made, created while the lambda runs. One stands for all: they are alike.</summary>
internal sealed class CreatedSite(int id, Type type) : FlowSite(id)
{
    public Type Type { get; } = type;

    public Dictionary<FieldPlace, FlowValue> Fields { get; } = [];
}

/// <summary>What a variable or a stack slot may hold of the followed objects; empty for everything else.</summary>
internal readonly struct FlowValue(FlowSite[]? sites, MethodBase? function = null, bool isVirtual = false, bool isAddress = false)
{
    private readonly FlowSite[]? _sites = sites;

    public static FlowValue None => default;

    public ReadOnlySpan<FlowSite> Sites => _sites;

    /// <summary>A method whose address was taken, on its way into a delegate.</summary>
    public MethodBase? Function { get; } = function;

    public bool IsVirtual { get; } = isVirtual;

    /// <summary>The place of a value that can be changed through it.</summary>
    public bool IsAddress { get; } = isAddress;

    public bool IsFollowed => _sites is not null;

    public static FlowValue Of(FlowSite site, bool isAddress = false) => new([site], isAddress: isAddress);

    /// <summary>The same without leave to change it.</summary>
    public FlowValue AsRead() => new(_sites);

    /// <summary>Both together; <paramref name="grew"/> is set when that is more than this one.</summary>
    public FlowValue With(FlowValue other, ref bool grew)
    {
        if (other._sites is null)
        {
            return Function is null ? new FlowValue(_sites, other.Function, other.IsVirtual, IsAddress) : this;
        }

        HashSet<FlowSite> union = [.. _sites ?? [], .. other._sites];
        if (union.Count == (_sites?.Length ?? 0))
        {
            return this;
        }

        grew = true;
        return new FlowValue(
            [.. union.OrderBy(site => site.Id)], Function ?? other.Function, IsVirtual || other.IsVirtual, IsAddress || other.IsAddress);
    }

    public override string ToString() => _sites is null ? "-" : string.Join('+', _sites.Select(site => site.Id));
}
