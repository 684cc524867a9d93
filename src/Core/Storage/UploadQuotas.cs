using MicroSpark.Options;

namespace MicroSpark.Storage;

/// <summary>
/// How many bytes each name has brought that are here, of the names that may have only so many: <see cref="OwnerLimits.Uploads"/>. What
/// several have brought counts for each of them.
/// </summary>
internal sealed class UploadQuotas(IEnumerable<OwnerLimits> limits)
{
    private readonly Dictionary<string, OwnerLimits> _limits = limits.Where(static limit => limit.Uploads is not null)
        .ToDictionary(static limit => limit.Name);
    private readonly Dictionary<string, long> _bytes = [];

    public static UploadQuotas None { get; } = new([]);

    /// <summary>Null for who may bring whatever there is room for.</summary>
    public OwnerLimits? Of(string? owner) => owner is null ? null : _limits.GetValueOrDefault(owner);

    /// <summary>What he has brought, of whom there is a limit.</summary>
    public long BytesOf(string owner)
    {
        lock (_bytes)
        {
            return _bytes.GetValueOrDefault(owner);
        }
    }

    /// <summary>He brings so many, unless they are too many.</summary>
    public bool TryAdd(string? owner, long bytes)
    {
        if (Of(owner) is not { } limit)
        {
            return true;
        }

        lock (_bytes)
        {
            var brought = _bytes.GetValueOrDefault(limit.Name) + bytes;
            if (brought > limit.Uploads)
            {
                return false;
            }

            _bytes[limit.Name] = brought;
            return true;
        }
    }

    /// <summary>So many more, or fewer, are his in any case.</summary>
    public void Count(string? owner, long bytes)
    {
        if (Of(owner) is { } limit)
        {
            lock (_bytes)
            {
                _bytes[limit.Name] = _bytes.GetValueOrDefault(limit.Name) + bytes;
            }
        }
    }
}
