using System.Reflection;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// The objects that <see cref="FieldFlow"/> follows: what was captured, and what the compiler made on the way. It grows only; whether it
/// did in a round tells if another round is needed.
/// </summary>
internal sealed class FlowObjects
{
    /// <summary>Longer paths of fields are taken whole; it also ends loops such as <c>node = node.Next</c>.</summary>
    private const int MaxDepth = 8;

    private readonly Dictionary<Type, CreatedSite> _created = [];
    private int _lastId;

    /// <summary>Whether anything became known since this was set to false. A field, since values add to it by reference.</summary>
    public bool Changed;

    /// <summary>Whether a captured object may be written to.</summary>
    public bool Writes { get; set; }

    /// <summary>The captured variables that are assigned to, by the names that the source has for them.</summary>
    public SortedSet<string> Written { get; } = new(StringComparer.Ordinal);

    /// <summary>All classes of the compiler's that were made so far.</summary>
    public IReadOnlyCollection<CreatedSite> AllCreated => _created.Values;

    /// <summary>An object of a class that the compiler made.</summary>
    public FlowValue Created(Type type)
    {
        if (!_created.TryGetValue(type, out var site))
        {
            _created[type] = site = new CreatedSite(++_lastId, type);
            Changed = true;
        }

        return FlowValue.Of(site);
    }

    /// <summary>Whoever gets these values may read all of them.</summary>
    public void Escape(params ReadOnlySpan<FlowValue> values)
    {
        foreach (var value in values)
        {
            Writes |= value.IsAddress && HasCaptured(value);
            foreach (var site in value.Sites)
            {
                // What the compiler made shows its fields to its own methods only, and those are run.
                if (site is CapturedSite { All: false } captured)
                {
                    captured.All = true;
                    Changed = true;
                }
            }
        }
    }

    public FlowValue ReadField(FlowValue owner, FieldInfo field, bool address)
    {
        var result = FlowValue.None;
        var grew = false;
        foreach (var site in owner.Sites)
        {
            if (site is CreatedSite created)
            {
                result = result.With(created.Fields.GetValueOrDefault(FieldPlace.Of(field)), ref grew);
            }
            else if (site is CapturedSite { All: false } captured && !CompilerMade.IsDelegateCache(field))
            {
                var child = Child(captured, field);
                if (address || CanFollow(field.FieldType))
                {
                    result = result.With(FlowValue.Of(child, address), ref grew);
                }
            }
            else
            {
                // Of an object that is taken whole only changes are still of interest.
                result = address ? result.With(FlowValue.Of(site, isAddress: true), ref grew) : result;
            }
        }

        return result;
    }

    private CapturedSite Child(CapturedSite owner, FieldInfo field)
    {
        if (owner.Fields.TryGetValue(FieldPlace.Of(field), out var known))
        {
            return known.Site;
        }

        var child = new CapturedSite(++_lastId, owner.Depth + 1, CapturePath.Below(owner.Path, field))
        {
            All = owner.Depth >= MaxDepth || !CanFollow(field.FieldType),
        };
        owner.Fields.Add(FieldPlace.Of(field), (field, child));
        Changed = true;
        return child;
    }

    private static bool CanFollow(Type type) =>
        !type.IsPrimitive && !type.IsEnum && !type.IsPointer && !type.IsByRef && !type.IsArray && type != typeof(string)
        && !typeof(Delegate).IsAssignableFrom(type);

    public void WriteField(FlowValue owner, FieldInfo field, FlowValue value)
    {
        if (!owner.IsFollowed)
        {
            Escape(value);
        }

        foreach (var site in owner.Sites)
        {
            if (site is CreatedSite created)
            {
                var key = FieldPlace.Of(field);
                created.Fields[key] = created.Fields.GetValueOrDefault(key).With(value, ref Changed);
            }
            else
            {
                // A cached delegate makes no difference; every other change belongs to one task.
                if (!CompilerMade.IsDelegateCache(field))
                {
                    Writes = true;
                    NoteWritten((CapturedSite)site, field);
                }

                Escape(value);
            }
        }
    }

    /// <summary>Somebody is given the place of a captured variable, to write to it.</summary>
    public void NoteWritten(FlowValue address)
    {
        foreach (var site in address.Sites)
        {
            if (address.IsAddress && site is CapturedSite { Path.Length: > 0 } captured)
            {
                Written.Add(captured.Path);
            }
        }
    }

    /// <summary>What is called may be a subclass's method.</summary>
    public static void NoteVirtualCall(FlowValue target, MethodBase callee)
    {
        foreach (var site in target.Sites)
        {
            if (site is CapturedSite { All: false } captured)
            {
                captured.VirtualCall ??= callee;
            }
        }
    }

    private void NoteWritten(CapturedSite owner, FieldInfo field)
    {
        var path = CapturePath.Below(owner.Path, field);
        if (path.Length > 0)
        {
            Written.Add(path);
        }
    }

    public static bool HasCaptured(FlowValue value)
    {
        foreach (var site in value.Sites)
        {
            if (site is CapturedSite)
            {
                return true;
            }
        }

        return false;
    }
}
