namespace MicroSpark.Storage;

/// <summary>
/// Who brought a blob: several may, each of whom has proved that he has it. As many as there are names in the settings; null is whoever
/// has the cluster's own secret.
/// </summary>
internal sealed class BlobOwners
{
    private readonly HashSet<string?> _names = [];
    private bool _left;

    /// <summary>False when the last one has left: then the blob goes, and has to be put again.</summary>
    /// <param name="isNew">Whether he had not brought it before.</param>
    public bool Add(string? name, out bool isNew)
    {
        lock (_names)
        {
            isNew = !_left && _names.Add(name);
            return !_left;
        }
    }

    public bool Has(string? name)
    {
        lock (_names)
        {
            return _names.Contains(name);
        }
    }

    /// <summary>True when nobody is left.</summary>
    /// <param name="had">Whether he had brought it.</param>
    public bool Leave(string? name, out bool had)
    {
        lock (_names)
        {
            had = _names.Remove(name);
            return _left = _names.Count == 0;
        }
    }

    /// <summary>All leave, and nobody comes any more.</summary>
    /// <returns>Who they were.</returns>
    public string?[] LeaveAll()
    {
        lock (_names)
        {
            string?[] all = [.. _names];
            _names.Clear();
            _left = true;
            return all;
        }
    }
}
