using System.Reflection;

namespace MicroSpark.Closures;

/// <content>The values that the analysis follows.</content>
internal sealed partial class FieldFlow
{
    /// <summary>Where a followed object comes from.</summary>
    private abstract class Site(int id)
    {
        public int Id { get; } = id;
    }

    /// <summary>An object that was captured: the lambda's target, or what a path of fields leads to from there.</summary>
    private sealed class CapturedSite(int id, int depth) : Site(id)
    {
        public int Depth { get; } = depth;

        public bool All { get; set; }

        public Dictionary<FieldPlace, (FieldInfo Field, CapturedSite Site)> Fields { get; } = [];

        public FieldNeeds ToNeeds() => All ? FieldNeeds.Everything : new FieldNeeds(
            false,
            [
                .. Fields.Values.OrderBy(entry => entry.Field, Comparer<FieldInfo>.Create(FieldNeeds.Compare))
                    .Select(entry => (entry.Field, entry.Site.ToNeeds())),
            ]);
    }

    /// <summary>All objects of one class that the compiler made, created while the lambda runs. One stands for all: they are alike.</summary>
    private sealed class CreatedSite(int id, Type type) : Site(id)
    {
        public Type Type { get; } = type;

        public Dictionary<FieldPlace, Value> Fields { get; } = [];
    }

    /// <summary>What a variable or a stack slot may hold of the followed objects; empty for everything else.</summary>
    private readonly struct Value(Site[]? sites, MethodBase? function = null, bool isVirtual = false, bool isAddress = false)
    {
        private readonly Site[]? _sites = sites;

        public static Value None => default;

        public ReadOnlySpan<Site> Sites => _sites;

        /// <summary>A method whose address was taken, on its way into a delegate.</summary>
        public MethodBase? Function { get; } = function;

        public bool IsVirtual { get; } = isVirtual;

        /// <summary>The place of a value that can be changed through it.</summary>
        public bool IsAddress { get; } = isAddress;

        public bool IsFollowed => _sites is not null;

        public static Value Of(Site site, bool isAddress = false) => new([site], isAddress: isAddress);

        /// <summary>The same without leave to change it.</summary>
        public Value AsRead() => new(_sites);

        /// <summary>Both together; <paramref name="grew"/> is set when that is more than this one.</summary>
        public Value With(Value other, ref bool grew)
        {
            if (other._sites is null)
            {
                return Function is null ? new Value(_sites, other.Function, other.IsVirtual, IsAddress) : this;
            }

            HashSet<Site> union = [.. _sites ?? [], .. other._sites];
            if (union.Count == (_sites?.Length ?? 0))
            {
                return this;
            }

            grew = true;
            return new Value(
                [.. union.OrderBy(site => site.Id)], Function ?? other.Function, IsVirtual || other.IsVirtual, IsAddress || other.IsAddress);
        }

        public override string ToString() => _sites is null ? "-" : string.Join('+', _sites.Select(site => site.Id));
    }

    /// <summary>One method under certain arguments, with what is known so far. Variables keep all they ever held.</summary>
    private sealed class Frame(MethodBase method, Value[] arguments)
    {
        public MethodBase Method { get; } = method;

        public Value[] Arguments { get; } = arguments;

        public IlCode? Code { get; set; }

        public Value[] Locals { get; set; } = [];

        /// <summary>What the stack holds where branches meet.</summary>
        public Dictionary<int, Value[]> StackAt { get; } = [];

        public Value Returned { get; set; }

        public int Round { get; set; } = -1;
    }
}
