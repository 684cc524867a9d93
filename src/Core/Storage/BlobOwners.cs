namespace MicroSpark.Storage;

/// <summary>
/// Who brought a blob: several may, each of whom has proved that he has it. As many as there are names in the settings; null is whoever
/// has the cluster's own secret.
/// </summary>
internal sealed class BlobOwners
{
    private readonly HashSet<string?> _names = [];

    public void Add(string? name)
    {
        lock (_names)
        {
            _names.Add(name);
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
            return _names.Count == 0;
        }
    }
}
