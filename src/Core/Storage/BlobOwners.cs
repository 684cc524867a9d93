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
    public bool Add(string? name)
    {
        lock (_names)
        {
            if (!_left)
            {
                _names.Add(name);
            }

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
    public bool Leave(string? name)
    {
        lock (_names)
        {
            _names.Remove(name);
            return _left = _names.Count == 0;
        }
    }
}
